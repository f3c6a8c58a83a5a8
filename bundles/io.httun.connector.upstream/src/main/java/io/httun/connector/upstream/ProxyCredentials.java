// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.SecretFile;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The login at a proxy.
 *
 * @param domain for NTLM; empty for none
 * @param user as configured, with its domain
 * @param account the user without its domain
 */
record ProxyCredentials(String domain, String user, String account, String password) {
    private static final String PROPERTY = "credentials.file";
    private static final int MAX_LENGTH = 255;

    /** By name of the proxy. */
    static Map<String, ProxyCredentials> read(String file, Set<String> proxies) {
        Map<String, ProxyCredentials> all = new HashMap<>();
        int number = 0;
        for (String line : SecretFile.readLines(PROPERTY, file)) {
            number++;
            String[] parts = line.split("\\s+", 2);
            int colon = parts.length < 2 ? -1 : parts[1].indexOf(':');
            if (colon < 1) {
                throw new ConfigException(PROPERTY, file, "entry " + number + " must be 'PROXY user:password'");
            }
            if (!proxies.contains(parts[0])) {
                throw new ConfigException(PROPERTY, file, "entry " + number + " names a proxy that is not in proxies");
            }
            all.put(parts[0], of(file, number, parts[1].substring(0, colon), parts[1].substring(colon + 1)));
        }
        return Map.copyOf(all);
    }

    /** @param file where it was found, for messages */
    static ProxyCredentials of(String file, int number, String user, String password) {
        boolean tooLong = user.length() > MAX_LENGTH || password.length() > MAX_LENGTH;
        if (tooLong || (user + password).chars().anyMatch(Character::isISOControl)) {
            throw new ConfigException(
                    PROPERTY,
                    file,
                    "entry " + number + " holds control characters, or a user or password of more than 255 characters");
        }
        int backslash = user.indexOf('\\');
        return new ProxyCredentials(
                backslash < 0 ? "" : user.substring(0, backslash), user, user.substring(backslash + 1), password);
    }

    @Override
    public String toString() {
        return "Credentials[***]";
    }
}
