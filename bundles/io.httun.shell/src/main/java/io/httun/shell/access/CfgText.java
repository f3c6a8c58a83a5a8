// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a {@code .cfg} file. */
public final class CfgText {
    /** Characters with a meaning for Karaf: an escape, another property's value, the end of the line. */
    private static final Pattern SPECIAL = Pattern.compile("[\\\\$\\p{Cntrl}]");

    private final StringBuilder text = new StringBuilder("# SPDX-License-Identifier: Apache-2.0\n#\n");

    /** Adds a comment, which stays one for any text. */
    public CfgText comment(String line) {
        text.append("# ").append(printable(line)).append('\n');
        return this;
    }

    public CfgText line() {
        text.append('\n');
        return this;
    }

    /** @throws ConfigException if the value would be read as something else */
    public CfgText set(String key, String value) {
        check(key, value);
        text.append(key).append(" = ").append(value).append('\n');
        return this;
    }

    /** As {@link #set}, if there is a value. */
    public CfgText setUnlessEmpty(String key, String value) {
        return value.isEmpty() ? this : set(key, value);
    }

    /** For a value of ours, which may name a property of the system. */
    public CfgText setVerbatim(String key, String value) {
        text.append(key).append(" = ").append(value).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** @throws ConfigException if Karaf would read the value as something else */
    public static void check(String key, String value) {
        if (!isPlain(value)) {
            throw new ConfigException(key, printable(value), "must not hold \\, $ or control characters");
        }
    }

    static boolean isPlain(String value) {
        return !SPECIAL.matcher(value).find() && value.equals(value.strip());
    }

    /** For messages: what came from outside cannot break a line or steer a terminal. */
    public static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** The text of a file with another value for a property; comments and everything else stay. */
    public static String with(String file, String key, String value) {
        Pattern property = Pattern.compile("\\s*" + Pattern.quote(key) + "\\s*([=:].*)?");
        List<String> lines = new ArrayList<>();
        boolean set = false;
        boolean continued = false;
        for (String line : file.split("\n", -1)) {
            boolean skipped = continued;
            continued = continued && line.endsWith("\\");
            if (skipped) {
                continue;
            }
            if (property.matcher(line.stripTrailing()).matches()) {
                continued = line.endsWith("\\");
                if (!set) {
                    lines.add(key + " = " + value);
                }
                set = true;
            } else {
                lines.add(line);
            }
        }
        if (!set) {
            boolean ended = lines.get(lines.size() - 1).isEmpty();
            lines.add(ended ? lines.size() - 1 : lines.size(), key + " = " + value);
        }
        return String.join("\n", lines);
    }

    /** A property's value in the text of a file; empty if it is not set. */
    public static String value(String file, String key) {
        Pattern property = Pattern.compile("\\s*" + Pattern.quote(key) + "\\s*[=:](.*)");
        return file.lines()
                .map(property::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1).strip())
                .reduce("", (first, last) -> last);
    }
}
