// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;

/**
 * The journals of all configurations, in {@code httun/devices} of Karaf's data folder: a new version makes Karaf resolve again, which
 * deletes the data areas of bundles. Where there is no Karaf, they are in the bundle's data area.
 */
record Journals(Path folder) {
    private static final String SUFFIX = ".properties";

    static Journals of(BundleContext context) {
        Path inBundle = context.getDataFile("devices").toPath();
        return Optional.ofNullable(System.getProperty("karaf.data"))
                .map(data -> new Journals(Path.of(data, "httun", "devices")).adopt(inBundle))
                .orElse(new Journals(inBundle));
    }

    /** Moves journals here from the place where older versions kept them. */
    Journals adopt(Path before) {
        try {
            for (String pid : new Journals(before).pids()) {
                Path own = file(pid);
                Files.createDirectories(folder);
                if (Files.exists(own)) {
                    Files.delete(new Journals(before).file(pid));
                } else {
                    Files.move(new Journals(before).file(pid), own);
                }
            }
            return this;
        } catch (IOException e) {
            throw new HttunException(
                    "cannot move journals from " + before + " to " + folder + ": " + e.getMessage(), e);
        }
    }

    private Path file(String pid) {
        return folder.resolve(URLEncoder.encode(pid, StandardCharsets.UTF_8) + SUFFIX);
    }

    Journal journal(String pid) {
        return new Journal(file(pid));
    }

    /** The PIDs with a journal. */
    List<String> pids() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .map(name -> URLDecoder.decode(name, StandardCharsets.UTF_8))
                    .toList();
        } catch (IOException e) {
            throw new HttunException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }
}
