// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.httun.api.config.ConfigException;
import java.util.function.Function;

/** Which targets a rule is about. */
interface TargetMatch {
    boolean matches(Subject subject);

    /** Whether it is about addresses, which a name has to be resolved for. */
    default boolean needsAddresses() {
        return false;
    }

    /**
     * @param text {@code any}, {@code /REGEX/}, {@code @FILE}, an address block, or {@code HOST[:PORT]}
     * @param lists reads block lists
     * @throws IllegalArgumentException saying what is wrong
     */
    static TargetMatch parse(String text, boolean allow, Function<String, NameSet> lists) {
        if (text.equals("any")) {
            return subject -> true;
        }
        if (text.length() > 2 && text.startsWith("/") && text.endsWith("/")) {
            return regex(text.substring(1, text.length() - 1));
        }
        if (text.startsWith("@")) {
            NameSet names = lists.apply(text.substring(1));
            return subject -> !subject.target().isLiteral()
                    && names.contains(subject.target().host());
        }
        return text.indexOf('/') > 0 || AddressSet.isWord(text) ? block(text, allow) : pattern(text, allow);
    }

    /** On the target as it was asked for, wherever in {@code host:port} it matches; takes time linear in the text's length. */
    private static TargetMatch regex(String text) {
        try {
            Pattern pattern = Pattern.compile(text);
            return subject -> pattern.matcher(subject.target().toString()).find();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("no regular expression that RE2 knows: " + e.getMessage(), e);
        }
    }

    private static TargetMatch block(String text, boolean allow) {
        AddressSet set;
        try {
            set = AddressSet.parse("address", text);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return new OfAddresses(allow) {
            @Override
            boolean matchesAddresses(Subject subject) {
                return allow
                        ? set.find(subject.addresses().get(0)).isPresent()
                        : subject.addresses().stream()
                                .anyMatch(address -> set.find(address).isPresent());
            }
        };
    }

    private static TargetMatch pattern(String text, boolean allow) {
        Rule rule = Rule.parse((allow ? "allow " : "deny ") + text);
        return new OfAddresses(allow) {
            @Override
            public boolean needsAddresses() {
                return rule.deniesAddresses();
            }

            @Override
            public boolean matches(Subject subject) {
                boolean name = !subject.target().isLiteral()
                        && rule.matchesName(subject.target().host());
                return rule.hasPort(subject.target().port()) && (name || super.matches(subject));
            }

            @Override
            boolean matchesAddresses(Subject subject) {
                return rule.matchesAddress(subject.forms());
            }
        };
    }

    /** An allow rule on addresses opens targets that are addresses; a deny rule also closes names that stand for them. */
    abstract class OfAddresses implements TargetMatch {
        private final boolean allow;

        OfAddresses(boolean allow) {
            this.allow = allow;
        }

        abstract boolean matchesAddresses(Subject subject);

        @Override
        public boolean needsAddresses() {
            return !allow;
        }

        @Override
        public boolean matches(Subject subject) {
            return !subject.addresses().isEmpty()
                    && (!allow || subject.target().isLiteral())
                    && matchesAddresses(subject);
        }
    }
}
