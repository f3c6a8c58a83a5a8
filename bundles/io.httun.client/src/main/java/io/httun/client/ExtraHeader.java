// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A configured request header.
 *
 * @param name in lower case
 * @param value empty removes the header
 */
record ExtraHeader(String name, String value) {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Set<String> OURS =
            Set.of("content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer");

    static ExtraHeader parse(String line) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        if (!TOKEN.matcher(name).matches()) {
            throw new ConfigException("extra.headers", line, "must be 'Name: value'");
        }
        if (OURS.contains(name)) {
            throw new ConfigException("extra.headers", line, "this header belongs to the tunnel and cannot be set");
        }
        String value = line.substring(colon + 1).strip();
        checkValue("extra.headers", value);
        return new ExtraHeader(name, value);
    }

    static void checkValue(String property, String value) {
        if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new ConfigException(property, value, "must hold printable ASCII characters only");
        }
    }

    /** Whether this is a basic authorization with the given password. */
    static boolean hasPassword(String authorization, byte[] text) {
        byte[] pair = Base64.getDecoder().decode(authorization.substring("Basic ".length()));
        int colon = new String(pair, StandardCharsets.ISO_8859_1).indexOf(':');
        boolean same = MessageDigest.isEqual(Arrays.copyOfRange(pair, colon + 1, pair.length), text);
        Arrays.fill(pair, (byte) 0);
        return same;
    }

    /** Without the value, which may be a credential. */
    @Override
    public String toString() {
        return name;
    }
}
