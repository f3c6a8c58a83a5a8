// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayPolicy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Reads {@link RelayPolicy policies} from configuration. */
public final class RelayPolicies {
    private static final String KEYS =
            "idle, life, rate.min, grace, rate.to, rate.from, bytes, half.closed, connect, per.source, total.to,"
                    + " total.from";
    private static final String DEFAULT_GRACE = "1m";

    private RelayPolicies() {}

    /**
     * Reads the words of a configuration property, each {@code KEY=VALUE} with a key of {@code idle}, {@code life},
     * {@code rate.min}, {@code grace}, {@code rate.to}, {@code rate.from}, {@code bytes}, {@code half.closed},
     * {@code connect}, {@code per.source}, {@code total.to}, {@code total.from} and a value as {@link Quantity} reads it. What
     * is not named is not limited, but for {@code grace}, which is a minute.
     *
     * @param property for the message
     * @throws ConfigException naming the property and the word that is wrong
     */
    public static RelayPolicy parse(String property, String... words) {
        return parse(property, Arrays.asList(words));
    }

    /**
     * Reads policies of single users, each {@code USER: KEY=VALUE; KEY=VALUE}.
     *
     * @param property for the message
     * @throws ConfigException naming the property and the word that is wrong
     */
    public static Map<String, RelayPolicy> parseUsers(String property, String... entries) {
        Map<String, RelayPolicy> users = new HashMap<>();
        for (String entry : entries) {
            int colon = entry.indexOf(':');
            String user = colon < 0 ? "" : entry.substring(0, colon).strip();
            if (user.isEmpty()) {
                throw new ConfigException(property, entry, "must be USER: KEY=VALUE; KEY=VALUE");
            }
            List<String> words = Arrays.stream(entry.substring(colon + 1).split(";"))
                    .filter(word -> !word.isBlank())
                    .toList();
            if (users.put(user, parse(property, words)) != null) {
                throw new ConfigException(property, entry, "names the user twice");
            }
        }
        return users;
    }

    private static RelayPolicy parse(String property, List<String> words) {
        Map<String, String> values = new TreeMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? word.strip() : word.substring(0, equals).strip();
            if (equals < 0 || !List.of(KEYS.split(", ")).contains(key)) {
                throw new ConfigException(property, word.strip(), "must be KEY=VALUE with a key of " + KEYS);
            }
            if (values.put(key, word.substring(equals + 1).strip()) != null) {
                throw new ConfigException(property, word.strip(), "sets " + key + " twice");
            }
        }
        Reader reader = new Reader(property, values);
        return new RelayPolicy(
                reader.get("idle", "none", Quantity::duration),
                reader.get("life", "none", Quantity::duration),
                reader.get("rate.min", "none", Quantity::bytesPerMinute),
                reader.get("grace", DEFAULT_GRACE, Quantity::duration),
                reader.get("rate.to", "none", Quantity::bytesPerMinute),
                reader.get("rate.from", "none", Quantity::bytesPerMinute),
                reader.get("bytes", "none", Quantity::bytes),
                reader.get("half.closed", "none", Quantity::duration),
                reader.get("connect", "none", Quantity::duration),
                reader.get("per.source", "none", RelayPolicies::count),
                reader.get("total.to", "none", Quantity::bytesPerMinute),
                reader.get("total.from", "none", Quantity::bytesPerMinute));
    }

    private record Reader(String property, Map<String, String> values) {
        <T> T get(String key, String otherwise, BiFunction<String, String, T> read) {
            return read.apply(property + ": " + key, values.getOrDefault(key, otherwise));
        }
    }

    private static int count(String property, String text) {
        if (text.equals("none")) {
            return 0;
        } else if (text.matches("[0-9]{1,7}")) {
            return Integer.parseInt(text);
        }
        throw new ConfigException(property, text, "must be a number of connections, or none");
    }
}
