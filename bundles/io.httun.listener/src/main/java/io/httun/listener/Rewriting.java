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
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/** What changes in the heads of messages that go through a proxy (RFC 9110 section 7.6). */
final class Rewriting {
    private Rewriting() {}

    /**
     * @param upgrades whether a wish to change the protocol is passed on
     * @param via what {@code Via} is to say
     */
    static HttpRequest request(HttpRequest received, ForwardTarget to, boolean upgrades, String via) {
        HttpHeaders headers = received.headers().copy();
        HopByHop.remove(headers);
        headers.set(HttpHeaderNames.HOST, to.authority()).set(HttpHeaderNames.VIA, via);
        HttpRequest sent = new DefaultHttpRequest(HttpVersion.HTTP_1_1, received.method(), to.path(), headers);
        if (HttpUtil.isTransferEncodingChunked(received) && !(received instanceof LastHttpContent)) {
            HttpUtil.setTransferEncodingChunked(sent, true);
        }
        if (upgrades && received.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            passOnUpgrade(received.headers(), headers);
        }
        return sent;
    }

    /** @param bodiless whether none follows, whatever the head says */
    static HttpResponse response(HttpResponse received, boolean bodiless, boolean keep, String via) {
        HttpHeaders headers = received.headers().copy();
        HopByHop.remove(headers);
        headers.set(HttpHeaderNames.VIA, via);
        HttpResponse sent = new DefaultHttpResponse(HttpVersion.HTTP_1_1, received.status(), headers);
        if (!bodiless && !HttpUtil.isContentLengthSet(sent)) {
            HttpUtil.setTransferEncodingChunked(sent, true);
        }
        if (!keep) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return sent;
    }

    /** A response before the one that counts, or in its place. */
    static HttpResponse informational(HttpResponse received) {
        HttpResponse sent = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, received.status());
        sent.headers().set(received.headers());
        HopByHop.remove(sent.headers());
        return sent;
    }

    /** The response after which both sides speak another protocol (RFC 9110 section 7.8). */
    static HttpResponse switching(HttpResponse received) {
        HttpResponse sent = informational(received);
        passOnUpgrade(received.headers(), sent.headers());
        return sent;
    }

    private static void passOnUpgrade(HttpHeaders from, HttpHeaders to) {
        String upgrade = from.get(HttpHeaderNames.UPGRADE, "");
        if (!upgrade.isEmpty()) {
            to.set(HttpHeaderNames.UPGRADE, upgrade).set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
    }
}
