// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shared secret of a channel or client, read from its key file. */
public final class ConfiguredSecret {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredSecret.class);

    private ConfiguredSecret() {}

    /**
     * Reads the secret of a configuration, from its key file or, with a warning, from the configuration itself.
     *
     * @param file value of {@code secret.file}, may be empty
     * @param inline value of {@code secret}, may be empty
     * @throws ConfigException unless exactly one is given and holds 64 hex digits
     */
    public static SharedSecret read(String file, String inline) {
        if (file.isEmpty() == inline.isEmpty()) {
            throw new ConfigException(
                    "secret.file",
                    file,
                    "name a key file here (make one with: httun gen-key FILE)"
                            + (file.isEmpty() ? "" : " or set secret, not both"));
        }
        if (file.isEmpty()) {
            LOG.warn("A configuration holds its secret inline, where config:list shows it; use secret.file instead");
            return SharedSecret.parse("secret", inline, inline);
        }
        return SharedSecret.parse(
                "secret.file", file, SecretFile.readLines("secret.file", file).get(0));
    }
}
