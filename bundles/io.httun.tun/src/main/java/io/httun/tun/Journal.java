// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * What we changed on this host for one configuration, in a file: what a crash leaves behind is found at the next start. An entry is written
 * before the change it stands for, and taken away after that is undone.
 */
final class Journal {
    private static final String DEVICE = "device";
    private static final String MADE = "made";
    private static final String ADDRESSES = "addresses";
    private static final String OUTSIDE = "outside";
    private static final String KEPT = "kept";

    private final Path file;
    private final Properties entries = new Properties();

    Journal(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                entries.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new HttunException("cannot read " + file + "; remove it", e);
            }
        }
    }

    /** Name of the interface; empty at first. */
    String device() {
        return entries.getProperty(DEVICE, "");
    }

    /** Whether we made it, and it is therefore ours to remove. */
    boolean isMade() {
        return entries.getProperty(MADE, "").equals("true");
    }

    void device(String name, boolean made) {
        set(MADE, String.valueOf(made));
        set(DEVICE, name);
    }

    /** Addresses that we gave to the interface. */
    Set<String> addresses() {
        return list(ADDRESSES);
    }

    void addresses(Set<String> addresses) {
        set(ADDRESSES, String.join(",", addresses));
    }

    /** Routes around the device that we made, in our own notation. */
    Set<String> outside() {
        return list(OUTSIDE);
    }

    void outside(Set<String> routes) {
        set(OUTSIDE, String.join(",", routes));
    }

    /** Notes that routes were left in place on purpose. */
    void kept() {
        set(KEPT, "true");
    }

    /** Whether {@link #kept} was called; forgets it. */
    boolean takeKept() {
        boolean kept = entries.getProperty(KEPT, "").equals("true");
        set(KEPT, "");
        return kept;
    }

    private Set<String> list(String key) {
        Set<String> values = new TreeSet<>(Set.of(entries.getProperty(key, "").split(",")));
        values.remove("");
        return values;
    }

    private void set(String key, String value) {
        if (entries.getProperty(key, "").equals(value)) {
            return;
        }
        entries.setProperty(key, value);
        try {
            Files.createDirectories(file.getParent());
            Path next = file.resolveSibling(file.getFileName() + ".next");
            try (OutputStream out = Files.newOutputStream(next)) {
                entries.store(out, "What io.httun.tun changed on this host, to be undone");
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new HttunException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    void delete() {
        entries.clear();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HttunException("cannot remove " + file + ": " + e.getMessage(), e);
        }
    }
}
