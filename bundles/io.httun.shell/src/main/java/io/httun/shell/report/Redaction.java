// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.report;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Takes secrets out of texts: those that the configuration holds or names, wherever they occur, and everything that looks like one. Rather takes out too
 * much. Immutable.
 */
public final class Redaction {
    private static final String HIDDEN = "***";
    private static final int MAX_FILE = 64 << 10;
    /** Shorter ones occur in too many words. */
    private static final int MIN_SECRET = 3;

    private static final Pattern HOLDS_SECRET =
            Pattern.compile(".*(secret|password|passwd|token|credential|auth|header|cookie|private).*");

    private static final List<Pattern> LOOKS_LIKE_SECRET = List.of(
            // a link: all behind the channel's name
            Pattern.compile("(?<=#)[^\\s#'\"]*:[^\\s'\"]*"),
            // a shared secret, in hex or base64url
            Pattern.compile("(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])"),
            Pattern.compile("(?<![0-9A-Za-z_-])[A-Za-z0-9_-]{43}(?![0-9A-Za-z_-])"),
            // the user part of a URL
            Pattern.compile("(?<=://)[^\\s/@'\"]+(?=@)"),
            // logins in headers
            Pattern.compile("(?i)(?<=\\b(?:basic|bearer|digest|ntlm|negotiate) )[A-Za-z0-9+/=._-]{8,}"),
            Pattern.compile("(?i)(?<=(?:password|passwd|token|secret)[\"']? ?[=:] ?)[^\\s,;}]+"),
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*-----)?"));

    private final List<String> known;

    private Redaction(Set<String> known) {
        // A secret may contain another one.
        this.known = known.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** @param configurations contents of {@code .cfg} files */
    public static Redaction of(List<String> configurations) {
        Set<String> known = new TreeSet<>();
        for (String text : configurations) {
            Properties properties = new Properties();
            try {
                properties.load(new StringReader(text));
            } catch (IOException | IllegalArgumentException e) {
                // Its lines are taken out by their names.
            }
            properties.stringPropertyNames().stream()
                    .filter(Redaction::holdsSecret)
                    .forEach(name -> known.addAll(secrets(name, properties.getProperty(name))));
        }
        return new Redaction(known);
    }

    private static boolean holdsSecret(String name) {
        return HOLDS_SECRET.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    private static boolean namesFile(String name) {
        return name.endsWith(".file");
    }

    private static Set<String> secrets(String name, String value) {
        Set<String> found = new TreeSet<>();
        for (String line : namesFile(name) ? lines(value.strip()) : List.of(value)) {
            add(found, line.strip());
            int colon = line.indexOf(':');
            add(found, colon < 0 ? "" : line.substring(colon + 1).strip());
            if (line.strip().matches("[0-9a-fA-F]{64}")) {
                byte[] bytes = HexFormat.of().parseHex(line.strip());
                found.add(line.strip().toLowerCase(Locale.ROOT));
                found.add(line.strip().toUpperCase(Locale.ROOT));
                found.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
                found.add(Base64.getEncoder().encodeToString(bytes));
            }
        }
        return found;
    }

    private static void add(Set<String> found, String secret) {
        if (secret.length() >= MIN_SECRET) {
            found.add(secret);
            found.add(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** None for a file that cannot be read: then its content was never known here. */
    private static List<String> lines(String file) {
        try {
            Path path = Path.of(file);
            return Files.isRegularFile(path) && Files.size(path) <= MAX_FILE
                    ? Arrays.asList(
                            Files.readString(path, StandardCharsets.ISO_8859_1).split("\\R"))
                    : List.of();
        } catch (IOException | InvalidPathException e) {
            return List.of();
        }
    }

    /** Any text. */
    public String text(String text) {
        String clean = text;
        for (String secret : known) {
            clean = clean.replace(secret, HIDDEN);
        }
        for (Pattern pattern : LOOKS_LIKE_SECRET) {
            clean = pattern.matcher(clean).replaceAll(HIDDEN);
        }
        return clean;
    }

    /** A {@code .cfg} file: also without the values of properties that hold secrets, unless they name a file. */
    public String configuration(String text) {
        StringBuilder clean = new StringBuilder();
        boolean hidden = false;
        boolean continued = false;
        for (String line : text.split("\\R", -1)) {
            int end = line.indexOf('=');
            String name = end < 0 ? line : line.substring(0, end);
            if (!continued) {
                String property = name.strip();
                hidden = !namesFile(property) && holdsSecret(property);
            }
            if (!hidden) {
                clean.append(line).append('\n');
            } else if (!continued) {
                clean.append(name).append(end < 0 ? "" : "= " + HIDDEN).append('\n');
            }
            continued = line.endsWith("\\");
        }
        return text(clean.toString());
    }
}
