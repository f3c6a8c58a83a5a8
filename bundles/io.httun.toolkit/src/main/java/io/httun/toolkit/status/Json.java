// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes records, maps, lists, strings, numbers and truth values as JSON (RFC 8259). */
public final class Json {
    private static final char FIRST_PRINTABLE = ' ';
    private static final char LAST_ASCII = '~';

    private Json() {}

    /** One line of JSON; what is none of these is written as its text. */
    public static String write(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return "null";
        } else if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        } else if (value instanceof Collection<?> list) {
            return list.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
        } else if (value instanceof Map<?, ?> || value instanceof Record) {
            Map<?, ?> members = value instanceof Record row ? components(row) : (Map<?, ?>) value;
            return members.entrySet().stream()
                    .map(entry -> string(entry.getKey().toString()) + ":" + write(entry.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return value == null ? "null" : string(value.toString());
    }

    /** A record's components by name, in order. */
    public static Map<String, Object> components(Record row) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : row.getClass().getRecordComponents()) {
            try {
                component.getAccessor().setAccessible(true);
                values.put(component.getName(), component.getAccessor().invoke(row));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + component, e);
            }
        }
        return values;
    }

    private static String string(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < FIRST_PRINTABLE || c > LAST_ASCII) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
