// SPDX-License-Identifier: Apache-2.0
package io.httun.api.config;

import io.httun.api.HttunException;
import java.util.Locale;
import java.util.regex.Pattern;

/** A configuration was refused. The message names the property, the value unless it is secret, and what would be right. */
public class ConfigException extends HttunException {
    private static final long serialVersionUID = 1L;

    private static final Pattern KEY = Pattern.compile("[0-9A-Fa-f]{32}");

    public ConfigException(String message) {
        super(message);
    }

    /**
     * @param property name as written in the file, for example {@code id}
     * @param value value as written; replaced by stars where the property names a secret or the value looks like a key
     * @param expected what would be right, for example {@code "must be 0 to 32767"}
     */
    public ConfigException(String property, Object value, String expected) {
        this(property + " = " + (isSecret(property) || looksLikeKey(value) ? "***" : value) + ": " + expected);
    }

    /** A key in the wrong place, such as behind a misspelt property or where its file should be named. */
    private static boolean looksLikeKey(Object value) {
        return KEY.matcher(String.valueOf(value)).find();
    }

    private static boolean isSecret(String property) {
        String name = property.toLowerCase(Locale.ROOT);
        return !name.endsWith(".file") && (name.contains("secret") || name.contains("password"));
    }
}
