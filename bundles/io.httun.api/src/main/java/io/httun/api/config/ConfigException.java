// SPDX-License-Identifier: Apache-2.0
package io.httun.api.config;

import io.httun.api.HttunException;
import java.util.Locale;

/** A configuration was refused. The message names the property, the value unless it is secret, and what would be right. */
public class ConfigException extends HttunException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    /**
     * @param property name as written in the file, for example {@code id}
     * @param value value as written; replaced by dots where the property names a secret
     * @param expected what would be right, for example {@code "must be 0 to 32767"}
     */
    public ConfigException(String property, Object value, String expected) {
        this(property + " = " + (isSecret(property) ? "***" : value) + ": " + expected);
    }

    private static boolean isSecret(String property) {
        String name = property.toLowerCase(Locale.ROOT);
        return !name.endsWith(".file") && (name.contains("secret") || name.contains("password"));
    }
}
