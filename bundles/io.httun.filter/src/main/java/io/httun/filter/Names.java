// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;

/** Names of filters, as channels and listeners write them in comma-separated lists. */
final class Names {
    private Names() {}

    static String check(String name) {
        if (!name.matches("[A-Za-z0-9._-]+") || name.equals("none")) {
            throw new ConfigException(
                    "name", name, "must be letters, digits, '.', '_' and '-', and not 'none', which means no filter");
        }
        return name;
    }
}
