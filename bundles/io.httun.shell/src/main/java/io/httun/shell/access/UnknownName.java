// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import java.util.List;

/** The message about a name that does not exist, with the names that do. */
public final class UnknownName {
    private UnknownName() {}

    /** @param kind such as {@code channel} */
    public static String message(String kind, String name, List<String> names) {
        return "There is no " + kind + " named " + name + "; there is"
                + (names.isEmpty() ? " none" : ": " + String.join(", ", names));
    }
}
