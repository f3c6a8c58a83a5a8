// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;

/** Whether a client wants a persistent connection (RFC 9112 section 9.3), and how the reply confirms it. */
enum KeepAlive {
    /** HTTP/1.1: persistent without a header. */
    IMPLIED,
    /** HTTP/1.0: the client asked by {@code Connection} and waits for the confirmation. */
    ASKED,
    /** HTTP/1.0: the client asked by Netscape's header for proxies. */
    ASKED_OF_PROXY,
    NO;

    private static final String PROXY_CONNECTION = "Proxy-Connection";
    /** ab accepts this spelling and the lower case one. */
    private static final String KEEP = "Keep-Alive";

    static KeepAlive of(HttpRequest request) {
        boolean own = has(request, HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        boolean proxys = has(request, PROXY_CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        if (has(request, HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                || has(request, PROXY_CONNECTION, HttpHeaderValues.CLOSE) && !own) {
            return NO;
        } else if (!HttpCodecs.isOld(request.protocolVersion())) {
            return IMPLIED;
        }
        return own ? ASKED : proxys ? ASKED_OF_PROXY : NO;
    }

    private static boolean has(HttpRequest request, CharSequence name, CharSequence word) {
        return request.headers().containsValue(name, word, true);
    }

    void write(HttpHeaders headers) {
        switch (this) {
            case IMPLIED -> {}
            case ASKED -> headers.set("Connection", KEEP);
            case ASKED_OF_PROXY -> headers.set(PROXY_CONNECTION, KEEP);
            case NO -> headers.set("Connection", "close");
        }
    }
}
