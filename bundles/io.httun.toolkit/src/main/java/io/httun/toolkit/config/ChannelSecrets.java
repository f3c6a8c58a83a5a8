// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The secrets of a channel: the one in use and, during a rotation, the next one, which is valid beside it. They stand in one
 * file, so that every step of a rotation is one replacement of that file:
 *
 * <pre>
 * 64 hex digits
 * next 64 hex digits until 2026-12-06T20:00:00Z
 * </pre>
 *
 * @param file where they stand; empty for an inline secret, which cannot be rotated
 */
public record ChannelSecrets(Optional<Path> file, SharedSecret current, Optional<Next> next) {
    /** The next secret, and when the current one is dropped at the latest. */
    public record Next(SharedSecret secret, Instant until) {}

    private static final String PROPERTY = "secret.file";
    private static final Pattern NEXT = Pattern.compile("next\\s+([0-9A-Fa-f]{64})\\s+until\\s+(\\S{1,40})");

    /** Without a file. */
    public static ChannelSecrets of(SharedSecret secret) {
        return new ChannelSecrets(Optional.empty(), secret, Optional.empty());
    }

    /**
     * Reads the secrets of a configuration.
     *
     * @param file value of {@code secret.file}, may be empty
     * @param inline value of {@code secret}, may be empty
     * @throws ConfigException unless exactly one is given and is right
     */
    public static ChannelSecrets read(String file, String inline) {
        SharedSecret current = ConfiguredSecret.read(file, inline);
        if (file.isEmpty()) {
            return of(current);
        }
        List<String> lines = SecretFile.readLines(PROPERTY, file);
        Optional<Next> next = lines.stream()
                .skip(1)
                .filter(line -> line.startsWith("next"))
                .findFirst()
                .map(line -> next(file, line));
        return new ChannelSecrets(Optional.of(Path.of(file)), current, next);
    }

    private static Next next(String file, String line) {
        Matcher matcher = NEXT.matcher(line);
        try {
            if (matcher.matches()) {
                return new Next(SharedSecret.parse(PROPERTY, file, matcher.group(1)), Instant.parse(matcher.group(2)));
            }
        } catch (DateTimeException e) {
            throw wrongNext(file);
        }
        throw wrongNext(file);
    }

    private static ConfigException wrongNext(String file) {
        return new ConfigException(
                PROPERTY,
                file,
                "the line that begins with next must be: next 64-HEX-DIGITS until 2026-12-06T20:00:00Z; delete the"
                        + " line to end the rotation");
    }

    /** Whether a client may use this secret. */
    public boolean has(SharedSecret secret) {
        return current.equals(secret)
                || next.filter(later -> later.secret().equals(secret)).isPresent();
    }

    /** Begins a rotation: writes the next secret into the file. */
    public void begin(SharedSecret later, Instant until) throws IOException {
        AtomicFile.replace(file.orElseThrow(), hex(current) + "\nnext " + hex(later) + " until " + until + "\n");
    }

    /** Ends a rotation: the next secret is the only one in the file. */
    public void complete() throws IOException {
        AtomicFile.replace(file.orElseThrow(), hex(next.orElseThrow().secret()) + "\n");
    }

    private static String hex(SharedSecret secret) {
        return new String(secret.toHex(), StandardCharsets.US_ASCII);
    }
}
