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
 * A supported Digest challenge, with the request counter of its nonce; shared by all connections. Thread-safe.
 *
 * @param hash name in the JDK
 * @param algorithm as received; empty if absent
 */
record DigestChallenge(
        ProxyChallenge challenge, String hash, String algorithm, boolean qop, String cnonce, AtomicInteger count) {
    /** The strongest first. */
    private static final List<String> HASHES = List.of("SHA-512/256", "SHA-256", "MD5");

    /** The strongest supported challenge of those offered. */
    static Optional<DigestChallenge> choose(List<ProxyChallenge> challenges) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme().equals("digest"))
                .map(DigestChallenge::of)
                .flatMap(Optional::stream)
                .min(Comparator.comparingInt(digest -> HASHES.indexOf(digest.hash())));
    }

    private static Optional<DigestChallenge> of(ProxyChallenge challenge) {
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
        return Optional.of(new DigestChallenge(challenge, known.get(), algorithm, auth, cnonce, new AtomicInteger()));
    }

    boolean isSession() {
        return algorithm.toLowerCase(Locale.ROOT).endsWith("-sess");
    }
}
