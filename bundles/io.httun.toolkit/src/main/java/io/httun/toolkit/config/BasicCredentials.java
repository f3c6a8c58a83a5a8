// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/** A user and a password for HTTP basic authentication (RFC 7617). Immutable; compared in constant time. */
public final class BasicCredentials {
    private final String user;
    private final byte[] header;
    private final byte[] password;

    /** @throws ConfigException if {@code user} holds a colon or either holds a control character */
    public BasicCredentials(String user, String password) {
        if (user.indexOf(':') >= 0 || (user + password).chars().anyMatch(Character::isISOControl)) {
            throw new ConfigException(
                    "basic.auth.file: the user must not hold ':' and neither may hold control characters");
        }
        this.user = user;
        byte[] pair = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
        this.header = ("Basic " + Base64.getEncoder().encodeToString(pair)).getBytes(StandardCharsets.US_ASCII);
        this.password = password.getBytes(StandardCharsets.UTF_8);
        Arrays.fill(pair, (byte) 0);
    }

    /**
     * Reads {@code user:password} from the first line of a secret file.
     *
     * @throws ConfigException if the file cannot be read or has no colon
     */
    public static BasicCredentials read(String property, String file) {
        String line = SecretFile.readLines(property, file).get(0);
        int colon = line.indexOf(':');
        if (colon < 1) {
            throw new ConfigException(property, file, "must hold one line user:password");
        }
        return new BasicCredentials(line.substring(0, colon), line.substring(colon + 1));
    }

    /** Not for logs. */
    public String user() {
        return user;
    }

    /** The value for an {@code Authorization} or {@code Proxy-Authorization} header. */
    public String headerValue() {
        return new String(header, StandardCharsets.US_ASCII);
    }

    /**
     * Whether a header value as received carries these credentials; takes constant time.
     *
     * @param headerValue empty where the request has none
     */
    public boolean matches(String headerValue) {
        byte[] got = headerValue.getBytes(StandardCharsets.UTF_8);
        int space = headerValue.indexOf(' ');
        if (space > 0 && headerValue.regionMatches(true, 0, "Basic", 0, space)) {
            System.arraycopy("Basic".getBytes(StandardCharsets.US_ASCII), 0, got, 0, Math.min(space, 5));
        }
        return MessageDigest.isEqual(header, got);
    }

    /** Whether the password is the given text, in constant time. */
    public boolean hasPassword(byte[] text) {
        return MessageDigest.isEqual(password, text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BasicCredentials that && MessageDigest.isEqual(header, that.header);
    }

    @Override
    public int hashCode() {
        return user.hashCode();
    }

    @Override
    public String toString() {
        return "BasicCredentials[***]";
    }
}
