// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.api.target.TargetPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How targets of one pattern are reached.
 *
 * @param chains alternatives in order, each the proxies to go through, none for a direct connection; no alternative refuses
 */
record Way(TargetPattern pattern, List<List<Proxy>> chains) {
    private static final Pattern SYNTAX = Pattern.compile("(\\S+)\\s+((?:direct|refuse|via)\\b.*)");
    private static final int MAX_HOPS = 8;

    Way {
        chains = chains.stream().map(List::copyOf).toList();
    }

    /** @param texts maybe cut at commas that stand inside of a way: what does not begin one continues the one before */
    static List<Way> parse(String[] texts, Map<String, Proxy> proxies) {
        List<String> whole = new ArrayList<>();
        for (String text : texts) {
            if (whole.isEmpty() || SYNTAX.matcher(text).matches()) {
                whole.add(text);
            } else {
                whole.add(whole.remove(whole.size() - 1) + ", " + text);
            }
        }
        return whole.stream().map(text -> parse(text, proxies)).toList();
    }

    /** Every target by one proxy after the other. */
    static List<Way> throughAny(Map<String, Proxy> proxies) {
        return List.of(new Way(
                TargetPattern.parse("*"),
                proxies.values().stream().map(List::of).toList()));
    }

    private static Way parse(String text, Map<String, Proxy> proxies) {
        Matcher way = SYNTAX.matcher(text);
        if (!way.matches()) {
            throw new ConfigException(
                    "ways",
                    text,
                    "must be 'HOST[:PORT] refuse', '... direct' or '... via PROXY, PROXY', alternatives between |");
        }
        try {
            TargetPattern pattern = TargetPattern.parse(way.group(1));
            if (way.group(2).equals("refuse")) {
                return new Way(pattern, List.of());
            }
            return new Way(
                    pattern,
                    Arrays.stream(way.group(2).split("\\|", -1))
                            .map(chain -> chain(chain.strip(), proxies))
                            .toList());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("ways", text, e.getMessage());
        }
    }

    private static List<Proxy> chain(String text, Map<String, Proxy> proxies) {
        if (text.equals("direct")) {
            return List.of();
        }
        String names = text.startsWith("via ") ? text.substring("via ".length()) : text;
        List<Proxy> chain = Arrays.stream(names.split(",", -1))
                .map(String::strip)
                .map(name -> {
                    Proxy proxy = proxies.get(name);
                    if (proxy == null) {
                        throw new IllegalArgumentException(
                                "there is no proxy '" + name + "'; there are " + String.join(", ", proxies.keySet()));
                    }
                    return proxy;
                })
                .toList();
        if (chain.size() > MAX_HOPS) {
            throw new IllegalArgumentException("a chain has up to " + MAX_HOPS + " proxies");
        }
        return chain;
    }
}
