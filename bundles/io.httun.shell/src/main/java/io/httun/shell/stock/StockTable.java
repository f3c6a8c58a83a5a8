// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import com.fasterxml.jackson.databind.JsonNode;
import io.httun.api.config.ConfigException;
import io.httun.shell.access.CfgText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** One table of a stock file. Remembers which of its keys were read. */
final class StockTable {
    private static final Pattern SECRET = Pattern.compile("(?i)secret|password|auth|key|[0-9a-f]{32}");
    private static final int LONGEST = 200;

    private final StockFile file;
    private final int channel;
    private final String prefix;
    private final JsonNode node;
    private final Set<String> known = new HashSet<>();
    private final List<StockTable> inner = new ArrayList<>();

    StockTable(StockFile file, int channel, String prefix, JsonNode node) {
        this.file = file;
        this.channel = channel;
        this.prefix = prefix;
        this.node = node;
    }

    private Optional<JsonNode> get(String key) {
        known.add(key);
        return Optional.ofNullable(node.get(key));
    }

    ConfigException wrong(String key, String what) {
        return file.wrong(channel, prefix + key, what);
    }

    boolean has(String key) {
        return node.has(key);
    }

    Optional<String> text(String key) {
        return get(key).map(value -> {
            if (!value.isTextual()) {
                throw wrong(key, "must be a string in quotes");
            }
            return value.textValue();
        });
    }

    Optional<Boolean> flag(String key) {
        return get(key).map(value -> {
            if (!value.isBoolean()) {
                throw wrong(key, "must be true or false");
            }
            return value.booleanValue();
        });
    }

    Optional<Integer> number(String key, int low, int high) {
        return get(key).map(value -> {
            if (!value.isIntegralNumber()
                    || !value.canConvertToInt()
                    || value.intValue() < low
                    || value.intValue() > high) {
                throw wrong(key, "must be a number from " + low + " to " + high);
            }
            return value.intValue();
        });
    }

    /** Empty if it is not there. */
    Optional<List<String>> list(String key) {
        return get(key).map(value -> {
            List<String> all = new ArrayList<>();
            value.forEach(element -> all.add(element.isTextual() ? element.textValue() : null));
            if (!value.isArray() || all.contains(null)) {
                throw wrong(key, "must be a list of strings");
            }
            return all;
        });
    }

    Optional<StockTable> table(String key) {
        return get(key).map(value -> {
            if (!value.isObject()) {
                throw wrong(key, "must be a table");
            }
            StockTable found = new StockTable(file, channel, prefix + key + ".", value);
            inner.add(found);
            return found;
        });
    }

    List<JsonNode> tables(String key) {
        return get(key).map(value -> {
                    List<JsonNode> all = new ArrayList<>();
                    value.forEach(all::add);
                    if (!value.isArray() || !all.stream().allMatch(JsonNode::isObject)) {
                        throw wrong(key, "must be tables, each [[" + key + "]]");
                    }
                    return all;
                })
                .orElse(List.of());
    }

    /** Its keys are known and of no use. */
    void ignore() {
        node.fieldNames().forEachRemaining(known::add);
    }

    /** The keys that were not read, as comments: {@code key = value: reason}. Secrets are left out. */
    List<String> unknown() {
        List<String> all = new ArrayList<>();
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                all.add(comment(key, "is not an option that is known here"));
            }
        });
        inner.forEach(table -> all.addAll(table.unknown()));
        return all;
    }

    /** A key that is known but cannot be expressed. */
    String comment(String key, String reason) {
        String value = String.valueOf(node.get(key));
        boolean secret = SECRET.matcher(key + value).find();
        String shown = secret ? "***" : value.length() > LONGEST ? value.substring(0, LONGEST) + "..." : value;
        return CfgText.printable(
                "line " + file.line(channel, prefix + key) + ": " + prefix + key + " = " + shown + ": " + reason);
    }
}
