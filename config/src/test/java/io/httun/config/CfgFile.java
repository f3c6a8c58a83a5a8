// SPDX-License-Identifier: Apache-2.0
package io.httun.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A configuration file as a reader sees it.
 *
 * @param set properties that have a value
 * @param shown properties that are commented out, with the value shown
 * @param bare properties without a comment above them
 * @param twice properties that are there more than once
 */
record CfgFile(Path path, Map<String, String> set, Map<String, String> shown, List<String> bare, List<String> twice) {
    private static final Pattern PROPERTY = Pattern.compile("(#?)([a-z][a-z0-9.]*) = ?(.*)");

    static CfgFile read(Path path) throws IOException {
        CfgFile file =
                new CfgFile(path, new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        String above = "";
        for (String line : Files.readAllLines(path)) {
            Matcher property = PROPERTY.matcher(line);
            if (property.matches()) {
                file.add(
                        property.group(2),
                        property.group(3).strip(),
                        !property.group(1).isEmpty(),
                        above);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new AssertionError(path + ": neither a comment nor name = value: " + line);
            }
            above = line;
        }
        return file;
    }

    private void add(String name, String value, boolean commentedOut, String above) {
        if (set.containsKey(name) || shown.containsKey(name)) {
            twice.add(name);
        }
        if (!above.startsWith("# ")) {
            bare.add(name);
        }
        (commentedOut ? shown : set).put(name, value);
    }

    /** As Karaf makes it of the file's name: what follows a hyphen tells the files of one factory apart. */
    String pid() {
        String name = path.getFileName().toString().replaceAll("\\.cfg(\\.example)?$", "");
        int hyphen = name.indexOf('-');
        return hyphen < 0 ? name : name.substring(0, hyphen);
    }

    boolean isReference() {
        return !path.getParent().endsWith("demo");
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
