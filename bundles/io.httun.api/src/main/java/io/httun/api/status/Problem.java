// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.Objects;

/**
 * Something that is not as configured. No component holds a secret.
 *
 * @param part the configuration file, or the kind and name of the part, such as {@code listener socks}
 * @param what what was got and what was expected
 * @param remedy what to do about it, as an instruction; never empty
 */
public record Problem(String part, String what, String remedy) {
    public Problem {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(what, "what");
        if (remedy.isBlank()) {
            throw new IllegalArgumentException("a problem needs a remedy: " + part + ": " + what);
        }
    }
}
