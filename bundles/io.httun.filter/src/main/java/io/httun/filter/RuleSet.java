// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of one file, in order, with the block lists it names.
 *
 * @param stamps what the files were like when they were read
 */
record RuleSet(List<TargetRule> rules, Map<Path, String> stamps) {
    /** A file has an error; the message names file and line. */
    static final class RulesException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Map<Path, String> stamps;

        RulesException(String message, Map<Path, String> stamps) {
            super(message);
            this.stamps = stamps;
        }

        /** What the files were like that led to this. */
        Map<Path, String> stamps() {
            return stamps;
        }
    }

    private static final int MAX_RULES = 10_000;
    private static final int MAX_LINE = 8192;
    private static final int MAX_NAMES = 2_000_000;

    RuleSet {
        rules = List.copyOf(rules);
        stamps = Map.copyOf(stamps);
    }

    static RuleSet load(Path file) throws RulesException {
        return new Loader(file).load();
    }

    /** Whether a file is another one now, or gone. */
    static boolean isStale(Map<Path, String> stamps) {
        return stamps.entrySet().stream()
                .anyMatch(entry -> !stamp(entry.getKey()).equals(entry.getValue()));
    }

    private static String stamp(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time.toMillis() + "/" + Files.size(file);
        } catch (IOException e) {
            return "unreadable";
        }
    }

    Optional<TargetRule> deciding(Subject subject) {
        for (TargetRule rule : rules) {
            if (rule.matches(subject)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }

    private static final class Loader {
        private final Path file;
        private final Map<Path, String> stamps = new LinkedHashMap<>();
        private final Map<Path, NameSet> lists = new HashMap<>();
        private final List<TargetRule> rules = new ArrayList<>();

        Loader(Path file) {
            this.file = file.toAbsolutePath();
        }

        private interface Line {
            void take(int number, String text);
        }

        RuleSet load() throws RulesException {
            try {
                read(file, MAX_RULES, (number, text) -> rules.add(TargetRule.parse(number, text, this::list)));
            } catch (IllegalArgumentException e) {
                throw new RulesException(e.getMessage(), stamps);
            }
            return new RuleSet(rules, stamps);
        }

        private NameSet list(String name) {
            Path path;
            try {
                path = file.resolveSibling(name).normalize();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("'" + name + "' is no name of a file", e);
            }
            return lists.computeIfAbsent(path, wanted -> {
                NameSet names = new NameSet();
                read(wanted, MAX_NAMES, (number, text) -> addNames(names, text));
                return names.trimmed();
            });
        }

        /** {@code ADDRESS NAME ...} as in a hosts file, or a name alone. */
        private static void addNames(NameSet names, String line) {
            String[] words = line.toLowerCase(Locale.ROOT).split("\\s+");
            for (int i = words.length == 1 ? 0 : 1; i < words.length; i++) {
                names.add(words[i].endsWith(".") ? words[i].substring(0, words[i].length() - 1) : words[i]);
            }
        }

        /** @throws IllegalArgumentException naming file and line */
        private void read(Path path, int maxLines, Line each) {
            stamps.put(path, stamp(path));
            int number = 0;
            int taken = 0;
            try (BufferedReader in = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    number++;
                    int hash = line.startsWith("#") ? 0 : line.indexOf(" #");
                    String text = (hash < 0 ? line : line.substring(0, hash)).strip();
                    if (text.isEmpty()) {
                        continue;
                    }
                    if (++taken > maxLines || text.length() > MAX_LINE) {
                        throw new IllegalArgumentException(
                                "more than " + maxLines + " lines, or one of more than " + MAX_LINE + " characters");
                    }
                    each.take(number, text);
                }
            } catch (MalformedInputException e) {
                throw new PlacedException(path + ": is not UTF-8");
            } catch (IOException e) {
                throw new PlacedException(
                        path + ": cannot be read (" + e.getClass().getSimpleName() + ")");
            } catch (PlacedException e) {
                throw e;
            } catch (IllegalArgumentException e) {
                throw new PlacedException(path + ": line " + number + ": " + e.getMessage());
            }
        }
    }

    /** Names its place already. */
    private static final class PlacedException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        PlacedException(String message) {
            super(message);
        }
    }
}
