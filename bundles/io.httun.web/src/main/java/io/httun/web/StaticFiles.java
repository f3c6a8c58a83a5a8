// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The files of the page, which hold nothing secret. */
final class StaticFiles {
    private static final Map<String, String> TYPES = Map.of(
            "page.html", "text/html; charset=utf-8",
            "login.html", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8",
            "theme.js", "text/javascript; charset=utf-8",
            "page.js", "text/javascript; charset=utf-8",
            "login.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml",
            "uPlot.iife.min.js", "text/javascript; charset=utf-8",
            "uPlot.min.css", "text/css; charset=utf-8",
            "uPlot.LICENSE.txt", "text/plain; charset=utf-8");

    private record File(String type, byte[] content, String tag) {
        static File read(String name, String type) {
            try (InputStream in = StaticFiles.class.getResourceAsStream("page/" + name)) {
                byte[] content = in.readAllBytes();
                // Any function of the content will do: it tells a browser that its copy is the newest.
                String tag = Secrets.fingerprint(new String(content, StandardCharsets.ISO_8859_1));
                return new File(type, content, '"' + tag + '"');
            } catch (IOException e) {
                throw new UncheckedIOException(name + " is not in this bundle", e);
            }
        }
    }

    private final Map<String, File> files = new HashMap<>();

    StaticFiles() {
        TYPES.forEach((name, type) -> files.put(name, File.read(name, type)));
    }

    /** Answers with a file; false if there is none of this name. */
    boolean send(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        File file = files.get(name);
        if (file == null) {
            return false;
        }
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("ETag", file.tag);
        if (file.tag.equals(request.getHeader("If-None-Match"))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return true;
        }
        response.setContentType(file.type);
        response.setContentLength(file.content.length);
        response.getOutputStream().write(file.content);
        return true;
    }
}
