// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The 32-byte secret that both ends of a channel are configured with ({@code wire/httun.md} section 3). Immutable,
 * compared in constant time, never printed.
 */
public final class SharedSecret {
    /** Length in bytes. */
    public static final int LENGTH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(SharedSecret.class);
    private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]{64}");

    private final byte[] bytes;

    private SharedSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads the secret of a configuration, from its key file or, with a warning, from the configuration itself.
     *
     * @param file value of {@code secret.file}, may be empty
     * @param inline value of {@code secret}, may be empty
     * @throws ConfigException unless exactly one is given and holds 64 hex digits
     */
    public static SharedSecret configured(String file, String inline) {
        if (file.isEmpty() == inline.isEmpty()) {
            throw new ConfigException(
                    "secret.file",
                    file,
                    "name a key file here (make one with: httun gen-key FILE)"
                            + (file.isEmpty() ? "" : " or set secret, not both"));
        }
        if (file.isEmpty()) {
            LOG.warn("A configuration holds its secret inline, where config:list shows it; use secret.file instead");
            return parse("secret", inline, inline);
        }
        return parse(
                "secret.file", file, SecretFile.readLines("secret.file", file).get(0));
    }

    private static SharedSecret parse(String property, String value, String hex) {
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
