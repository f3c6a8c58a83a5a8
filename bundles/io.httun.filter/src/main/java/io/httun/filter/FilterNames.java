// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;

/** Names of filters, as used in comma-separated lists of channels and listeners. */
final class FilterNames {
    private FilterNames() {}

    static String check(String name) {
        if (!name.matches("[A-Za-z0-9._-]+") || name.equals("none")) {
            throw new ConfigException(
                    "name", name, "must be letters, digits, '.', '_' and '-', and not 'none', which means no filter");
        }
        return name;
    }
}
