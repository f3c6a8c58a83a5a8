// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import java.util.Map;

/**
 * Finds the tunnel's path in what a web server sends. lighttpd, nginx with {@code fastcgi_split_path_info} and HAProxy with
 * {@code path-info} send it as {@code PATH_INFO}; Apache's mod_proxy_fcgi and a plain nginx send base and path together as
 * {@code SCRIPT_NAME}.
 */
final class RequestPath {
    private RequestPath() {}

    /** The path behind {@code base}, or null if the request is not below it. */
    static String of(Map<String, String> params, String base) {
        String info = params.getOrDefault("PATH_INFO", "");
        if (!info.isEmpty()) {
            // Already without the base, unless the web server took the whole server for this script's.
            return isBelow(info, base) ? info.substring(base.length()) : info;
        }
        String script = params.getOrDefault("SCRIPT_NAME", "");
        String path = script.isEmpty() ? beforeQuery(params.getOrDefault("REQUEST_URI", "")) : script;
        return isBelow(path, base) ? path.substring(base.length()) : null;
    }

    /** The query, not decoded. */
    static String query(Map<String, String> params) {
        String query = params.get("QUERY_STRING");
        if (query != null) {
            return query;
        }
        String uri = params.getOrDefault("REQUEST_URI", "");
        return uri.substring(Math.min(uri.length(), beforeQuery(uri).length() + 1));
    }

    private static boolean isBelow(String path, String base) {
        return path.startsWith(base) && (path.length() == base.length() || path.charAt(base.length()) == '/');
    }

    private static String beforeQuery(String uri) {
        int mark = uri.indexOf('?');
        return mark < 0 ? uri : uri.substring(0, mark);
    }
}
