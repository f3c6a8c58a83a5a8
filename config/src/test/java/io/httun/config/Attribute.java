// SPDX-License-Identifier: Apache-2.0
package io.httun.config;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A property as the code knows it; the default is as one would write it in a file, null where there is none. */
record Attribute(String name, String description, String defaultText) {
    static Attribute of(String name, String description, Class<?> type) {
        Method method = Arrays.stream(type.getDeclaredMethods())
                .filter(candidate -> property(candidate).equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " has no method for " + name));
        return new Attribute(name, description, text(method.getDefaultValue()));
    }

    boolean isRequired() {
        return defaultText == null;
    }

    private static String property(Method method) {
        return method.getName().replace("$", "").replace('_', '.');
    }

    private static String text(Object value) {
        if (value instanceof Object[] array) {
            return Arrays.stream(array).map(Object::toString).collect(Collectors.joining(", "));
        }
        return value == null ? null : value.toString();
    }
}
