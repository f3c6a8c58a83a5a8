// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

/**
 * What a request asks for.
 *
 * @param path empty for {@code OPTIONS *} and {@code CONNECT}, which ask for nothing that is here
 */
record RequestLine(String method, String path, String query) {
    static RequestLine of(String method, String target) {
        String origin = target;
        if (!target.startsWith("/")) {
            // RFC 9112 section 3.2.2: a server takes the absolute form, too.
            int scheme = target.indexOf("://");
            int slash = scheme < 0 ? -1 : target.indexOf('/', scheme + 3);
            origin = scheme < 0 ? "" : slash < 0 ? "/" : target.substring(slash);
        }
        int question = origin.indexOf('?');
        return question < 0
                ? new RequestLine(method, origin, "")
                : new RequestLine(method, origin.substring(0, question), origin.substring(question + 1));
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    boolean mayBePage() {
        return method.equals("GET") || isHead();
    }

    /** Methods that some protocol in the tunnel uses. */
    boolean mayBeTunnel() {
        return switch (method) {
            case "GET", "POST", "PUT", "DELETE" -> true;
            default -> false;
        };
    }
}
