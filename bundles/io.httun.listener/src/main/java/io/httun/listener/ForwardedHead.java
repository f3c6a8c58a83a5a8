// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Builds the heads that the proxy sends from the heads that it parsed (RFC 9110 section 7.6). Framing and routing
 * headers come from the parsed values; the others are copied. Header names that old programs compare byte by byte are
 * spelt as in RFC 2616.
 */
final class ForwardedHead {
    private static final String HOST = "Host";
    private static final String VIA = "Via";
    private static final String MAX_FORWARDS = "Max-Forwards";
    private static final String CONNECTION = "Connection";
    private static final String UPGRADE = "Upgrade";
    private static final String CONTENT_LENGTH = "Content-Length";
    private static final String TRANSFER_ENCODING = "Transfer-Encoding";
    private static final String CHUNKED = "chunked";

    private ForwardedHead() {}

    /**
     * @param upgrades whether to forward {@code Upgrade}
     * @param via value of {@code Via}
     */
    static HttpRequest request(
            HttpRequest received, ForwardTarget to, HttpFraming framing, boolean upgrades, String via) {
        HttpRequest sent = new DefaultHttpRequest(HttpVersion.HTTP_1_1, received.method(), to.path());
        HttpHeaders headers = sent.headers();
        headers.set(HOST, to.authority());
        HopByHop.copyRest(received.headers(), headers);
        headers.set(VIA, via);
        if (HttpCodecs.isOld(received.protocolVersion())) {
            // HTTP/1.0 clients do not understand the 100 that this header asks for (RFC 9110 section 10.1.1).
            headers.remove(HttpHeaderNames.EXPECT);
        }
        MaxForwards.of(received).ifPresent(left -> headers.set(MAX_FORWARDS, left - 1));
        if (framing.isChunked()) {
            headers.set(TRANSFER_ENCODING, CHUNKED);
        } else if (framing.hasLength()) {
            headers.set(CONTENT_LENGTH, framing.length());
        }
        if (upgrades && received.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            passOnUpgrade(received.headers(), headers);
        }
        return sent;
    }

    /**
     * @param bodiless whether no body follows, whatever the head says
     * @param old whether the client speaks HTTP/1.0, which has no chunked coding
     * @param keep whether the client's connection persists
     */
    static HttpResponse reply(
            HttpResponse received, HttpFraming framing, boolean bodiless, boolean old, KeepAlive keep, String via) {
        HttpResponse sent = new DefaultHttpResponse(HttpVersion.HTTP_1_1, received.status());
        HttpHeaders headers = sent.headers();
        HopByHop.copyRest(received.headers(), headers);
        headers.set(VIA, via);
        if (framing.hasLength() && !received.status().equals(HttpResponseStatus.NO_CONTENT)) {
            headers.set(CONTENT_LENGTH, framing.length());
        } else if (!bodiless && !framing.hasLength() && !old) {
            headers.set(TRANSFER_ENCODING, CHUNKED);
        }
        keep.write(headers);
        return sent;
    }

    /** Builds a 1xx reply. */
    static HttpResponse informational(HttpResponse received) {
        HttpResponse sent = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, received.status());
        HopByHop.copyRest(received.headers(), sent.headers());
        return sent;
    }

    /** Builds the 101 reply (RFC 9110 section 7.8). */
    static HttpResponse switching(HttpResponse received) {
        HttpResponse sent = informational(received);
        passOnUpgrade(received.headers(), sent.headers());
        return sent;
    }

    private static void passOnUpgrade(HttpHeaders from, HttpHeaders to) {
        String upgrade = String.join(", ", from.getAll(HttpHeaderNames.UPGRADE));
        if (!upgrade.isEmpty()) {
            to.set(UPGRADE, upgrade).set(CONNECTION, UPGRADE);
        }
    }
}
