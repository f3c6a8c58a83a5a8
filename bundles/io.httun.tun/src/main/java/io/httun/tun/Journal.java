// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import io.httun.toolkit.config.InterfaceName;
import java.io.ByteArrayInputStream;
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
 * The changes made on this host for one configuration, in a file, so that the next start can undo the remains of a
 * crash. An entry is written before its change, and removed after the change is undone.
 */
final class Journal {
    private static final String DEVICE = "device";
    private static final String MADE = "made";
    private static final String ADDRESSES = "addresses";
    private static final String OUTSIDE = "outside";
    private static final String KEPT = "kept";

    /** Some 10,000 routes. */
    private static final int MAX_BYTES = 1 << 20;

    private final Path file;
    private final Properties entries = new Properties();

    Journal(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                entries.load(new ByteArrayInputStream(in.readNBytes(MAX_BYTES)));
                check();
            } catch (IOException | RuntimeException e) {
                throw new HttunException(
                        "cannot read " + file + ": it is damaged; remove it, and what it names by hand", e);
            }
        }
    }

    /** What is damaged must not become the name of another device, or a failure in the middle of a change. */
    private void check() {
        if (!device().isEmpty()) {
            InterfaceName.check(DEVICE, device());
        }
        addresses().forEach(address -> Prefix.parse(ADDRESSES, address));
        outside().forEach(Routing::parse);
    }

    /** Name of the interface; empty at first. */
    String device() {
        return entries.getProperty(DEVICE, "");
    }

    /** Whether we created the interface, and so must remove it. */
    boolean isMade() {
        return entries.getProperty(MADE, "").equals("true");
    }

    void device(String name, boolean made) {
        set(MADE, String.valueOf(made));
        set(DEVICE, name);
    }

    /** Addresses that we assigned to the interface. */
    Set<String> addresses() {
        return list(ADDRESSES);
    }

    void addresses(Set<String> addresses) {
        set(ADDRESSES, String.join(",", addresses));
    }

    /** Our routes around the device, in our own notation. */
    Set<String> outside() {
        return list(OUTSIDE);
    }

    void outside(Set<String> routes) {
        set(OUTSIDE, String.join(",", routes));
    }

    /** Records that routes stay in place on purpose. */
    void kept() {
        set(KEPT, "true");
    }

    /** Whether {@link #kept} was called; resets it. */
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
                entries.store(out, "Changes by io.httun.tun on this host, to be undone");
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
