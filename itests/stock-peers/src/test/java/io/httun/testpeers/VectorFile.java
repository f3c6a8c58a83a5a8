// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the vector files: objects, arrays, strings without escapes but for line ends, whole numbers and truth values. */
final class VectorFile {

    private final String text;
    private int at;

    private VectorFile(String text) {
        this.text = text;
    }

    static Object vectors(String name) {
        try (InputStream in = VectorFile.class.getResourceAsStream("/vectors/" + name + ".json")) {
            return new VectorFile(new String(in.readAllBytes(), StandardCharsets.UTF_8)).value();
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    static List<Map<String, Object>> objects(Object value) {
        return ((List<?>) value).stream().map(VectorFile::object).toList();
    }

    private Object value() {
        char c = next();
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> literal();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        while (next() != '}') {
            String name = string();
            next();
            object.put(name, value());
        }
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        for (char c = next(); c != ']'; c = next()) {
            at--;
            array.add(value());
        }
        return array;
    }

    private String string() {
        int end = text.indexOf('"', at);
        String string = text.substring(at, end).replace("\\n", "\n");
        if (string.indexOf('\\') >= 0) {
            throw new IllegalStateException("an escape at " + at);
        }
        at = end + 1;
        return string;
    }

    private Object literal() {
        int start = at - 1;
        while (Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        String literal = text.substring(start, at);
        return switch (literal) {
            case "true" -> true;
            case "false" -> false;
            default -> Long.parseLong(literal);
        };
    }

    /** The next character that is neither blank nor a comma. */
    private char next() {
        while (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == ',') {
            at++;
        }
        return text.charAt(at++);
    }
}
