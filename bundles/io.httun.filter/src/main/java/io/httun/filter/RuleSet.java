// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.WatchedFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The rules of one file in order, with its block lists. */
record RuleSet(List<TargetRule> rules) {
    private static final int MAX_RULES = 10_000;
    private static final int MAX_LINE = 8192;
    private static final int MAX_NAMES = 2_000_000;

    RuleSet {
        rules = List.copyOf(rules);
    }

    /** @throws ConfigException with file and line of an error */
    static RuleSet load(Path file) {
        return new Loader(file).load();
    }

    Optional<TargetRule> deciding(RuleSubject subject) {
        for (TargetRule rule : rules) {
            if (rule.matches(subject)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }

    private static final class Loader {
        private final Path file;
        private final Map<Path, NameSet> lists = new HashMap<>();
        private final List<TargetRule> rules = new ArrayList<>();

        Loader(Path file) {
            this.file = file.toAbsolutePath();
        }

        private interface Line {
            void take(int number, String text);
        }

        RuleSet load() {
            try {
                read(file, MAX_RULES, (number, text) -> rules.add(TargetRule.parse(number, text, this::list)));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(e.getMessage());
            }
            return new RuleSet(rules);
        }

        private NameSet list(String name) {
            Path path;
            try {
                path = file.resolveSibling(name).normalize();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("'" + name + "' is not a file name", e);
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

        /** @throws IllegalArgumentException with file and line */
        private void read(Path path, int maxLines, Line each) {
            WatchedFiles.note(path);
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
                                "more than " + maxLines + " lines, or a line of more than " + MAX_LINE + " characters");
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

    /** Its message already contains file and line. */
    private static final class PlacedException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        PlacedException(String message) {
            super(message);
        }
    }
}
