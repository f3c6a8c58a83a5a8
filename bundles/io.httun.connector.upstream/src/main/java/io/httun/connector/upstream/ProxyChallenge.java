// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of a {@code Proxy-Authenticate} header (RFC 9110 section 11.3).
 *
 * @param scheme in lower case
 * @param token the token68 of schemes such as NTLM; empty for none
 * @param parameters by name, case-insensitive
 */
record ProxyChallenge(String scheme, String token, Map<String, String> parameters) {
    private static final String NAME = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern PARAMETER = Pattern.compile(
            "\\G[\\s,]*(" + NAME + ")\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|(" + NAME + "))\\s*(?=,|$)");
    private static final Pattern SCHEME =
            Pattern.compile("\\G[\\s,]*(" + NAME + ")(?:\\s+([A-Za-z0-9._~+/-]+=*)(?=\\s*(?:,|$)))?\\s*");
    private static final int MAX_LENGTH = 16 << 10;
    private static final int MAX_CHALLENGES = 16;

    /** Parses all challenges of all headers; a syntax error ends its header. */
    static List<ProxyChallenge> parse(List<String> headers) {
        List<ProxyChallenge> all = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_LENGTH) {
                parse(header, all);
            }
        }
        return all;
    }

    private static void parse(String header, List<ProxyChallenge> all) {
        Matcher scheme = SCHEME.matcher(header);
        Matcher parameter = PARAMETER.matcher(header);
        int at = 0;
        while (all.size() < MAX_CHALLENGES && scheme.find(at)) {
            at = scheme.end();
            Map<String, String> parameters = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            while (parameter.find(at)) {
                at = parameter.end();
                String quoted = parameter.group(2);
                parameters.putIfAbsent(
                        parameter.group(1), quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
            }
            String token = scheme.group(2) == null ? "" : scheme.group(2);
            all.add(new ProxyChallenge(scheme.group(1).toLowerCase(Locale.ROOT), token, parameters));
        }
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
