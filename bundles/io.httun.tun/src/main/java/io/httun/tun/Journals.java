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
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;

/** The journals of all configurations, in the bundle's data area, which updates leave alone. */
record Journals(Path folder) {
    private static final String SUFFIX = ".properties";

    static Journals of(BundleContext context) {
        return new Journals(context.getDataFile("devices").toPath());
    }

    Journal journal(String pid) {
        return new Journal(folder.resolve(URLEncoder.encode(pid, StandardCharsets.UTF_8) + SUFFIX));
    }

    /** The PIDs that have one. */
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
