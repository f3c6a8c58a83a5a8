// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** An HTTP/1.x request whose head has come, and what there is of its body. Confined to its event loop. */
final class ArrivingRequest {
    private final HttpConnection connection;
    private final HttpRequest head;
    private final long announced;
    private final RequestBody body;

    /** @param evicted gets this request, on any thread, if its body has to make room for others */
    ArrivingRequest(HttpConnection connection, HttpRequest head, Consumer<ArrivingRequest> evicted) {
        this.connection = connection;
        this.head = head;
        this.announced = HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L);
        this.body = new RequestBody(
                connection.server().bodies(), connection.limits().body(), announced, () -> evicted.accept(this));
    }

    /** The answer to send before the body arrives; null for none. */
    TunnelReply error() {
        return announced > connection.limits().body() ? Replies.BODY_TOO_LARGE : null;
    }

    /** Whether the client sends its body only when it is told to. */
    boolean awaitsContinue() {
        return announced != 0 && head.headers().contains(HttpHeaderNames.EXPECT);
    }

    /** Takes a piece of the body, which it does not release; returns what is to be answered if it is wrong, or null. */
    TunnelReply add(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            return Replies.BAD_REQUEST;
        }
        return body.add(content.content()) ? null : Replies.BODY_TOO_LARGE;
    }

    HttpRequest head() {
        return head;
    }

    /** How many bytes of the body have come. */
    int length() {
        return body.length();
    }

    boolean hasBody() {
        return !body.isEmpty();
    }

    RequestLine line() {
        return RequestLine.of(head.method().name(), head.uri());
    }

    /** The reply's {@code connection} header; empty for none. */
    String connectionHeader() {
        if (!HttpUtil.isKeepAlive(head)) {
            return ReplyEncoder.CLOSE;
        }
        return head.protocolVersion().equals(HttpVersion.HTTP_1_0) ? ReplyEncoder.KEEP_ALIVE : "";
    }

    String authorization() {
        return Objects.requireNonNullElse(head.headers().get(HttpHeaderNames.AUTHORIZATION), "");
    }

    /** The header in which a proxy names its client; empty if the peer is not a proxy. */
    List<String> clientHeader() {
        String name = connection.server().settings().proxies().header();
        return connection.isProxy() && !name.isEmpty() ? head.headers().getAll(name) : List.of();
    }

    /** The whole body; ownership passes. */
    ByteBuf takeBody() {
        return body.take();
    }

    void release() {
        body.release();
    }
}
