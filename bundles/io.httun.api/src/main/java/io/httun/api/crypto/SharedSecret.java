// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The 32-byte secret that both ends of a channel are configured with ({@code wire/httun.md} section 3). Immutable,
 * compared in constant time, never printed.
 */
public final class SharedSecret {
    /** Length in bytes. */
    public static final int LENGTH = 32;

    private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]{64}");

    private final byte[] bytes;

    private SharedSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Parses the secret of a configuration.
     *
     * @param property that holds it or names its file, for the message
     * @param value of that property, for the message; never the secret itself
     * @param hex 64 hex digits
     * @throws ConfigException unless there are as many hex digits
     */
    public static SharedSecret parse(String property, String value, String hex) {
        if (!HEX.matcher(hex).matches()) {
            throw new ConfigException(
                    property, value, "must hold 64 hex digits (32 bytes), got " + hex.length() + " characters");
        }
        return new SharedSecret(HexFormat.of().parseHex(hex));
    }

    /** @param hex 64 hex digits */
    public static SharedSecret ofHex(String hex) {
        return parse("secret", hex, hex);
    }

    /** A copy of the 32 bytes; the caller overwrites it after use. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** The 64 lower-case hex digits, for comparing with passwords; the caller overwrites it after use. */
    public byte[] toHex() {
        return HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SharedSecret that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return "SharedSecret[***]";
    }
}
