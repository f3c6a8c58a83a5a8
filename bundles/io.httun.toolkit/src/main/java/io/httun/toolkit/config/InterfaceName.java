// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;

/** The name of a network interface, as Linux accepts it ({@code dev_valid_name}): it counts and checks bytes, here of UTF-8. */
public final class InterfaceName {
    /** IFNAMSIZ without the final zero. */
    private static final int MAX_BYTES = 15;

    /** A no-break space in Latin-1, which the kernel takes for a space. */
    private static final byte LATIN_SPACE = (byte) 0xa0;

    private InterfaceName() {}

    /**
     * Checks the name of an interface that may be there or may be made.
     *
     * @param property for the message
     * @return the name
     * @throws ConfigException if no interface can have this name
     */
    public static String check(String property, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new ConfigException(
                    property, name, "must be an interface name of 1 to 15 bytes; this one has " + bytes.length);
        }
        // A percent sign would make the kernel number the interfaces.
        if (!name.matches("[^\\s/:%]+") || name.matches("\\.\\.?") || holdsLatinSpace(bytes)) {
            throw new ConfigException(
                    property,
                    name,
                    "must be an interface name of 1 to 15 bytes without a space (or byte A0), slash, colon or percent sign");
        }
        return name;
    }

    private static boolean holdsLatinSpace(byte[] bytes) {
        for (byte each : bytes) {
            if (each == LATIN_SPACE) {
                return true;
            }
        }
        return false;
    }
}
