// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way in, then waiting for its answer. What is wrong with it is found out as it comes and told when it is
 * there: a web server may write all of a request before it reads. Lives on its connection's event loop.
 */
final class FcgiRequest {
    private static final int MAX_PARAMS = 64 << 10;
    /** One frame; what claims to be longer must send it first. */
    private static final int FIRST_BODY = 66 << 10;

    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE");
    private static final Set<String> PARAMS = Set.of(
            "REQUEST_METHOD",
            "SCRIPT_NAME",
            "PATH_INFO",
            "REQUEST_URI",
            "QUERY_STRING",
            "CONTENT_LENGTH",
            "HTTP_AUTHORIZATION",
            "REMOTE_ADDR",
            "REMOTE_PORT");
    private static final TunnelReply HEAD_TOO_LARGE = TunnelReply.bare(431, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply BODY_TOO_LARGE = TunnelReply.bare(413, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply MALFORMED = TunnelReply.bare(400, List.of(TunnelReply.NO_STORE));

    private final int id;
    private final boolean keepConnection;
    private final Serving serving;
    private final Map<String, String> params = new HashMap<>();
    private ByteBuf rawParams = Unpooled.EMPTY_BUFFER;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private long reserved;
    private TunnelReply verdict;
    private CompletableFuture<TunnelReply> reply;

    FcgiRequest(int id, boolean keepConnection, Serving serving) {
        this.id = id;
        this.keepConnection = keepConnection;
        this.serving = serving;
    }

    int id() {
        return id;
    }

    boolean keepsConnection() {
        return keepConnection;
    }

    /** Answers with this once the request is complete. */
    void refuse(TunnelReply with) {
        verdict = with;
        dropContent();
    }

    void params(ByteBuf in, int length) {
        if (verdict != null) {
            return;
        }
        if (rawParams.readableBytes() + length > MAX_PARAMS) {
            serving.complain(PeerFault.PARAMETERS, "more than " + MAX_PARAMS + " bytes");
            refuse(HEAD_TOO_LARGE);
            return;
        }
        reserved += length;
        if (!serving.reserve(length)) {
            serving.complain(PeerFault.REQUESTS, "parameters");
            refuse(TunnelReply.unavailable());
            return;
        }
        if (rawParams == Unpooled.EMPTY_BUFFER) {
            rawParams = PooledByteBufAllocator.DEFAULT.heapBuffer(length, MAX_PARAMS);
        }
        rawParams.writeBytes(in, length);
    }

    void endOfParams() {
        try {
            NameValues.read(rawParams, (name, value) -> {
                if (PARAMS.contains(name)) {
                    params.put(name, value);
                }
            });
        } catch (FcgiException e) {
            serving.complain(PeerFault.PARAMETERS, e.getMessage());
            refuse(MALFORMED);
        }
        rawParams.release();
        rawParams = Unpooled.EMPTY_BUFFER;
    }

    void body(ByteBuf in, int length) {
        if (verdict != null) {
            return;
        }
        int wanted = body.readableBytes() + length;
        if (wanted > TunnelRequest.MAX_BODY) {
            refuse(BODY_TOO_LARGE);
        } else if (makeRoom(wanted)) {
            body.writeBytes(in, length);
        } else {
            serving.complain(PeerFault.REQUESTS, "body of " + wanted + " bytes or more");
            refuse(TunnelReply.unavailable());
        }
    }

    private boolean makeRoom(int wanted) {
        if (wanted <= body.capacity()) {
            return true;
        }
        int claimed = (int) Math.min(Math.max(contentLength(), wanted), TunnelRequest.MAX_BODY);
        int capacity = Math.max(wanted, Math.min(claimed, Math.max(FIRST_BODY, 2 * body.capacity())));
        reserved += capacity - body.capacity();
        if (!serving.reserve(capacity - body.capacity())) {
            return false;
        }
        if (body == Unpooled.EMPTY_BUFFER) {
            body = PooledByteBufAllocator.DEFAULT.heapBuffer(capacity, TunnelRequest.MAX_BODY);
        } else {
            body.capacity(capacity);
        }
        return true;
    }

    /** Negative where the web server does not know or say it. */
    private long contentLength() {
        String text = params.getOrDefault("CONTENT_LENGTH", "");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    }

    /** Hands the whole request on; the answer completes on any thread. */
    CompletableFuture<TunnelReply> dispatch(Carrier connection) {
        reply = verdict == null ? handle(connection) : CompletableFuture.completedFuture(verdict);
        return reply;
    }

    private CompletableFuture<TunnelReply> handle(Carrier connection) {
        String path = RequestPath.of(params, serving.settings().path());
        String query = RequestPath.query(params);
        String method = params.getOrDefault("REQUEST_METHOD", "");
        long length = contentLength();
        if (path == null
                || path.length() > TunnelRequest.MAX_LINE
                || query.length() > TunnelRequest.MAX_LINE
                || !METHODS.contains(method)
                || length >= 0 && length != body.readableBytes()) {
            dropContent();
            return CompletableFuture.completedFuture(TunnelReply.refused());
        }
        ByteBuf content = body;
        body = Unpooled.EMPTY_BUFFER;
        unreserve();
        String authorization = params.getOrDefault("HTTP_AUTHORIZATION", "");
        return serving.service
                .handle(new TunnelRequest(method, path, query, authorization, content, carrier(connection)))
                .toCompletableFuture();
    }

    private Carrier carrier(Carrier connection) {
        String address = params.get("REMOTE_ADDR");
        String port = params.get("REMOTE_PORT");
        return address == null || port == null ? connection : serving.carriers.of(address, port);
    }

    /** Whether all of it has come and its answer is awaited. */
    boolean isDispatched() {
        return reply != null;
    }

    /** Releases its bytes and cancels its answer. */
    void discard() {
        dropContent();
        if (reply != null) {
            reply.cancel(false);
        }
    }

    private void dropContent() {
        rawParams.release();
        rawParams = Unpooled.EMPTY_BUFFER;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        unreserve();
    }

    private void unreserve() {
        serving.reserve(-reserved);
        reserved = 0;
    }
}
