// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One line of a rules file: {@code allow|deny TARGET [CONDITION ...]}.
 *
 * @param line number in its file
 * @param tls what the first bytes of an allowed connection must be
 * @param hits how often it decided
 */
record TargetRule(
        int line,
        String text,
        boolean allow,
        TargetMatch target,
        List<Predicate<Subject>> conditions,
        Tls tls,
        LongAdder hits) {
    /** What the first bytes of a connection must be. */
    enum Tls {
        /** Anything. */
        NO,
        /** A TLS ClientHello. */
        ANY,
        /** One that names the target. */
        NAME
    }

    private static final String SYNTAX =
            "must be 'allow TARGET [CONDITION ...]' or 'deny ...', conditions port=, user=, source=, time= and tls=";
    private static final int MAX_PORT = 0xffff;

    /** @throws IllegalArgumentException saying what is wrong */
    static TargetRule parse(int line, String text, Function<String, NameSet> lists) {
        String[] words = text.split("\\s+");
        boolean allow = words[0].equals("allow");
        if (words.length < 2 || !allow && !words[0].equals("deny")) {
            throw new IllegalArgumentException(SYNTAX);
        }
        TargetMatch target = TargetMatch.parse(words[1], allow, lists);
        List<Predicate<Subject>> conditions = new ArrayList<>();
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
            throw new IllegalArgumentException("tls= is for allow rules: nothing has been sent when a rule decides");
        }
        return switch (value) {
            case "any" -> Tls.ANY;
            case "name" -> Tls.NAME;
            default -> throw new IllegalArgumentException("tls = " + value + ": must be any or name");
        };
    }

    private static Predicate<Subject> condition(String word, String value) {
        return switch (word.substring(0, word.length() - value.length())) {
            case "port=" -> ports(value);
            case "user=" -> users(List.of(value.split(",")));
            case "source=" -> source(value);
            case "time=" -> {
                Hours hours = Hours.parse(value);
                yield subject -> hours.contains(subject.now().get());
            }
            default -> throw new IllegalArgumentException("'" + word + "': " + SYNTAX);
        };
    }

    private static Predicate<Subject> users(List<String> names) {
        return subject -> names.contains(subject.context().user());
    }

    private static Predicate<Subject> source(String value) {
        try {
            AddressSet set = AddressSet.parse("source", value.split(","));
            return subject -> subject.context()
                    .source()
                    .filter(address -> set.find(address).isPresent())
                    .isPresent();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Predicate<Subject> ports(String value) {
        Predicate<Subject> any = subject -> false;
        for (String part : value.split(",")) {
            String[] ends = part.split("-", 2);
            int low = port(ends[0]);
            int high = ends.length == 1 ? low : port(ends[1]);
            if (low > high) {
                throw new IllegalArgumentException("port = " + part + ": the first must not be above the second");
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

    boolean matches(Subject subject) {
        for (Predicate<Subject> condition : conditions) {
            if (!condition.test(subject)) {
                return false;
            }
        }
        return target.matches(subject);
    }
}
