// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.target.TargetPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The way to the targets of one pattern.
 *
 * @param chains alternatives in order, each a list of proxies; an empty chain is a direct connection, no alternative
 *     a refusal
 */
record Way(TargetPattern pattern, List<List<UpstreamProxy>> chains) {
    private static final Pattern SYNTAX = Pattern.compile("(\\S+)\\s+((?:direct|refuse|via)\\b.*)");
    private static final int MAX_HOPS = 8;

    Way {
        chains = chains.stream().map(List::copyOf).toList();
    }

    /**
     * @param texts possibly cut at commas within a way: a part that does not start a way continues the previous part
     */
    static List<Way> parse(String[] texts, Map<String, UpstreamProxy> proxies) {
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

    /** Every target by any proxy in order. */
    static List<Way> throughAny(Map<String, UpstreamProxy> proxies) {
        return List.of(new Way(
                TargetPattern.parse("*"),
                proxies.values().stream().map(List::of).toList()));
    }

    private static Way parse(String text, Map<String, UpstreamProxy> proxies) {
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

    private static List<UpstreamProxy> chain(String text, Map<String, UpstreamProxy> proxies) {
        if (text.equals("direct")) {
            return List.of();
        }
        String names = text.startsWith("via ") ? text.substring("via ".length()) : text;
        List<UpstreamProxy> chain = Arrays.stream(names.split(",", -1))
                .map(String::strip)
                .map(name -> {
                    UpstreamProxy proxy = proxies.get(name);
                    if (proxy == null) {
                        throw new IllegalArgumentException(
                                "there is no proxy '" + name + "'; there are " + String.join(", ", proxies.keySet()));
                    }
                    return proxy;
                })
                .toList();
        if (chain.size() > MAX_HOPS) {
            throw new IllegalArgumentException("must be a chain of at most " + MAX_HOPS + " proxies");
        }
        return chain;
    }
}
