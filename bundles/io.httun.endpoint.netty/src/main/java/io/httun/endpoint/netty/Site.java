// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What everyone sees who is no client of the tunnel. Held in memory, so that a request costs one look-up and can reach
 * nothing but what was read: no path of a request ever becomes the path of a file.
 */
final class Site {
    private static final Logger LOG = LoggerFactory.getLogger(Site.class);
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_FILES = 10_000;
    private static final int MAX_DEPTH = 16;
    private static final String INDEX = "index.html";
    private static final byte[] PAGE =
            "<!DOCTYPE html><html lang=\"en\"><title>It works</title><h1>It works</h1></html>\n"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("htm", "text/html; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("xml", "application/xml"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("gif", "image/gif"),
            Map.entry("webp", "image/webp"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("pdf", "application/pdf"));

    /** A file as it is sent. */
    private record Content(byte[] bytes, List<Map.Entry<String, String>> headers) {
        static Content of(byte[] bytes, String type) {
            return new Content(bytes, List.of(Map.entry("content-type", type)));
        }
    }

    private final String folder;
    private volatile Map<String, Content> pages;
    private Map<Path, List<Object>> seen = Map.of();
    private volatile String problem = "";

    private Site(String folder, Map<String, Content> pages) {
        this.folder = folder;
        this.pages = pages;
    }

    /** @throws ConfigException if there is no such folder or it is too large */
    static Site of(String configured) {
        if (configured.equals("none")) {
            return new Site("", Map.of());
        } else if (configured.equals("page")) {
            return new Site("", Map.of("/", Content.of(PAGE, TYPES.get("html"))));
        }
        Site site = new Site(configured, Map.of());
        try {
            site.read();
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigException(
                    "site", configured, "must be none, page or a folder that can be read (" + e + ")");
        }
        return site;
    }

    /** Null if there is no such page. */
    TunnelReply find(String path) {
        Content page = pages.get(path);
        return page == null
                ? null
                : new TunnelReply(
                        200, page.headers(), Unpooled.wrappedBuffer(page.bytes()), TunnelReply.Delivery.UNTRACKED);
    }

    /** Takes up what has changed in the folder. */
    void refresh() {
        if (folder.isEmpty()) {
            return;
        }
        String now = "";
        try {
            read();
        } catch (IOException | UncheckedIOException | ConfigException e) {
            now = "site = " + folder + " cannot be read: " + e + "; the previous files stay in use";
            if (!now.equals(problem)) {
                LOG.warn("{}", now);
            }
        }
        problem = now;
    }

    /** Why the files are not those of the folder; empty if they are. */
    String problem() {
        return problem;
    }

    private void read() throws IOException {
        Map<Path, List<Object>> files = new HashMap<>();
        long bytes = 0;
        Path root = Path.of(folder);
        try (Stream<Path> walk = Files.walk(root, MAX_DEPTH)) {
            for (Path file : (Iterable<Path>) walk.filter(Files::isRegularFile)::iterator) {
                bytes += Files.size(file);
                files.put(file, List.of(Files.size(file), Files.getLastModifiedTime(file)));
                if (bytes > MAX_BYTES || files.size() > MAX_FILES) {
                    throw new ConfigException(
                            "site", folder, "may hold at most " + MAX_FILES + " files and 16 MiB in all");
                }
            }
        }
        if (files.equals(seen)) {
            return;
        }
        Map<String, Content> read = new HashMap<>();
        for (Path file : files.keySet()) {
            String path = "/"
                    + root.relativize(file)
                            .toString()
                            .replace(file.getFileSystem().getSeparator(), "/");
            Content content = Content.of(Files.readAllBytes(file), type(path));
            read.put(path, content);
            if (path.endsWith("/" + INDEX)) {
                read.put(path.substring(0, path.length() - INDEX.length()), content);
            }
        }
        pages = Map.copyOf(read);
        seen = files;
    }

    private static String type(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(extension, "application/octet-stream");
    }
}
