// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.NetworkSet;
import java.util.List;
import java.util.function.Function;

/** The target part of a rule. */
interface TargetMatch {
    boolean matches(RuleSubject subject);

    /** Whether it matches addresses, so that a name needs a look-up. */
    default boolean needsAddresses() {
        return false;
    }

    /**
     * @param text {@code any}, {@code /REGEX/}, {@code @FILE}, an address block, or {@code HOST[:PORT]}
     * @param lists reads block lists
     * @throws IllegalArgumentException if the text is invalid
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
        return text.indexOf('/') > 0 || NetworkSet.isWord(text) ? block(text, allow) : pattern(text, allow);
    }

    /** Matches anywhere in {@code host:port} of the requested target, in time linear in the length of the text. */
    private static TargetMatch regex(String text) {
        try {
            Pattern pattern = Pattern.compile(text);
            return subject -> pattern.matcher(subject.target().toString()).find();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a regular expression of RE2: " + e.getMessage(), e);
        }
    }

    private static TargetMatch block(String text, boolean allow) {
        NetworkSet set;
        try {
            set = NetworkSet.parse("address", List.of(text));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return new OfAddresses(allow) {
            @Override
            boolean matchesAddresses(RuleSubject subject) {
                return allow
                        ? set.contains(subject.addresses().get(0))
                        : subject.addresses().stream().anyMatch(set::contains);
            }
        };
    }

    private static TargetMatch pattern(String text, boolean allow) {
        PatternRule rule = PatternRule.parse((allow ? "allow " : "deny ") + text);
        return new OfAddresses(allow) {
            @Override
            public boolean needsAddresses() {
                return rule.deniesAddresses();
            }

            @Override
            public boolean matches(RuleSubject subject) {
                boolean name = !subject.target().isLiteral()
                        && rule.matchesName(subject.target().host());
                return rule.hasPort(subject.target().port()) && (name || super.matches(subject));
            }

            @Override
            boolean matchesAddresses(RuleSubject subject) {
                return rule.matchesAddress(subject.forms());
            }
        };
    }

    /**
     * An allow rule on addresses allows targets that are addresses; a deny rule also denies names with such
     * addresses.
     */
    abstract class OfAddresses implements TargetMatch {
        private final boolean allow;

        OfAddresses(boolean allow) {
            this.allow = allow;
        }

        abstract boolean matchesAddresses(RuleSubject subject);

        @Override
        public boolean needsAddresses() {
            return !allow;
        }

        @Override
        public boolean matches(RuleSubject subject) {
            return !subject.addresses().isEmpty()
                    && (!allow || subject.target().isLiteral())
                    && matchesAddresses(subject);
        }
    }
}
