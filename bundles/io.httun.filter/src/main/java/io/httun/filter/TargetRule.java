// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.Hours;
import io.httun.toolkit.net.NetworkSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One line of a rules file: {@code allow|deny TARGET [CONDITION ...]}.
 *
 * @param line number in its file
 * @param tls required first bytes of an allowed connection
 * @param hits number of decisions by this rule
 */
record TargetRule(
        int line,
        String text,
        boolean allow,
        TargetMatch target,
        List<Predicate<RuleSubject>> conditions,
        Tls tls,
        LongAdder hits) {
    /** Required first bytes of a connection. */
    enum Tls {
        /** No requirement. */
        NO,
        /** A TLS ClientHello. */
        ANY,
        /** A TLS ClientHello for the target's name. */
        NAME
    }

    private static final String SYNTAX =
            "must be 'allow TARGET [CONDITION ...]' or 'deny ...', conditions port=, user=, source=, time= and tls=";
    private static final int MAX_PORT = 0xffff;

    /** @throws IllegalArgumentException if the text is invalid */
    static TargetRule parse(int line, String text, Function<String, NameSet> lists) {
        String[] words = text.split("\\s+");
        boolean allow = words[0].equals("allow");
        if (words.length < 2 || !allow && !words[0].equals("deny")) {
            throw new IllegalArgumentException(SYNTAX);
        }
        TargetMatch target = TargetMatch.parse(words[1], allow, lists);
        List<Predicate<RuleSubject>> conditions = new ArrayList<>();
        Tls tls = Tls.NO;
        for (int i = 2; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            if (words[i].startsWith("tls=")) {
                tls = tls(value, allow);
            } else {
                conditions.add(condition(words[i], value));
            }
        }
        return new TargetRule(line, text, allow, target, List.copyOf(conditions), tls, new LongAdder());
    }

    private static Tls tls(String value, boolean allow) {
        if (!allow) {
            throw new IllegalArgumentException("tls= needs an allow rule: a deny rule decides before the first byte");
        }
        return switch (value) {
            case "any" -> Tls.ANY;
            case "name" -> Tls.NAME;
            default -> throw new IllegalArgumentException("tls = " + value + ": must be any or name");
        };
    }

    private static Predicate<RuleSubject> condition(String word, String value) {
        return switch (word.substring(0, word.length() - value.length())) {
            case "port=" -> ports(value);
            case "user=" -> users(List.of(value.split(",")));
            case "source=" -> source(value);
            case "time=" -> {
                Hours hours = hours(value);
                yield subject -> hours.contains(subject.now().get());
            }
            default -> throw new IllegalArgumentException("'" + word + "': " + SYNTAX);
        };
    }

    private static Hours hours(String value) {
        try {
            return Hours.parse("time", value);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Predicate<RuleSubject> users(List<String> names) {
        return subject -> names.contains(subject.context().user());
    }

    private static Predicate<RuleSubject> source(String value) {
        try {
            NetworkSet set = NetworkSet.parse("source", List.of(value.split(",")));
            return subject -> subject.context().source().filter(set::contains).isPresent();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Predicate<RuleSubject> ports(String value) {
        Predicate<RuleSubject> any = subject -> false;
        for (String part : value.split(",")) {
            String[] ends = part.split("-", 2);
            int low = port(ends[0]);
            int high = ends.length == 1 ? low : port(ends[1]);
            if (low > high) {
                throw new IllegalArgumentException("port = " + part + ": the range must start with the lower port");
            }
            any = any.or(subject ->
                    subject.target().port() >= low && subject.target().port() <= high);
        }
        return any;
    }

    private static int port(String text) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port = " + text + ": must be 1 to 65535, or a range such as 8000-8100");
        }
        return port;
    }

    boolean matches(RuleSubject subject) {
        for (Predicate<RuleSubject> condition : conditions) {
            if (!condition.test(subject)) {
                return false;
            }
        }
        return target.matches(subject);
    }
}
