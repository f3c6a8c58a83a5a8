// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Digest challenge that can be answered, with the count of answers under its nonce: all connections share both. Thread-safe.
 *
 * @param hash name as the JDK has it
 * @param algorithm as the proxy wrote it; empty where it wrote none
 */
record Digest(Challenge challenge, String hash, String algorithm, boolean qop, String cnonce, AtomicInteger count) {
    /** The strongest first. */
    private static final List<String> HASHES = List.of("SHA-512/256", "SHA-256", "MD5");

    /** The strongest of those offered that we can answer. */
    static Optional<Digest> choose(List<Challenge> challenges) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme().equals("digest"))
                .map(Digest::of)
                .flatMap(Optional::stream)
                .min(Comparator.comparingInt(digest -> HASHES.indexOf(digest.hash())));
    }

    private static Optional<Digest> of(Challenge challenge) {
        String algorithm = challenge.parameter("algorithm");
        String plain = algorithm.replaceFirst("(?i)-sess$", "");
        String hash = plain.isEmpty() ? "MD5" : plain.equalsIgnoreCase("SHA-512-256") ? "SHA-512/256" : plain;
        String qop = challenge.parameter("qop");
        boolean auth = List.of(qop.toLowerCase(Locale.ROOT).split("[\\s,]+")).contains("auth");
        Optional<String> known = HASHES.stream().filter(hash::equalsIgnoreCase).findFirst();
        boolean clean = (challenge.parameter("nonce") + challenge.parameter("opaque") + challenge.parameter("realm"))
                .chars()
                .allMatch(c -> c >= ' ' && c != 0x7f && c < 0x100);
        if (!clean
                || known.isEmpty()
                || !qop.isEmpty() && !auth
                || challenge.parameter("nonce").isEmpty()) {
            return Optional.empty();
        }
        String cnonce = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return Optional.of(new Digest(challenge, known.get(), algorithm, auth, cnonce, new AtomicInteger()));
    }

    boolean isSession() {
        return algorithm.toLowerCase(Locale.ROOT).endsWith("-sess");
    }
}
