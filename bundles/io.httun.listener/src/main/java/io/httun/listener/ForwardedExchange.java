// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Set;

/** One request and its reply, with the progress of both. */
final class ForwardedExchange {
    /** Methods whose requests may be repeated (RFC 9110 section 9.2.2). */
    private static final Set<HttpMethod> IDEMPOTENT = Set.of(
            HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.TRACE, HttpMethod.PUT, HttpMethod.DELETE);

    enum Reply {
        AWAITED,
        STARTED,
        DONE
    }

    private final ForwardTarget to;
    private final HttpRequest request;
    private final boolean old;
    private final boolean repeatable;
    private KeepAlive keep;
    private boolean reused;
    private boolean requestDone;
    private Reply reply = Reply.AWAITED;

    /** @param request the request to send */
    ForwardedExchange(
            HttpRequest received, HttpFraming framing, ForwardTarget to, HttpRequest request, KeepAlive keep) {
        this.to = to;
        this.request = request;
        this.old = HttpCodecs.isOld(received.protocolVersion());
        this.repeatable = framing.isEmptyRequest() && IDEMPOTENT.contains(received.method());
        this.keep = keep;
    }

    ForwardTarget to() {
        return to;
    }

    HttpRequest request() {
        return request;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    /** Records whether the request used a kept connection, which may already have been closed by the target. */
    void reused(boolean kept) {
        reused = kept;
    }

    boolean mayBeRepeated() {
        return reused && repeatable && reply == Reply.AWAITED;
    }

    boolean wantsUpgrade() {
        return request.headers().contains(HttpHeaderNames.UPGRADE);
    }

    /** Whether the client speaks HTTP/1.0. */
    boolean isOld() {
        return old;
    }

    void requestDone() {
        requestDone = true;
    }

    boolean isRequestDone() {
        return requestDone;
    }

    Reply reply() {
        return reply;
    }

    void replyDone() {
        reply = Reply.DONE;
    }

    boolean keepsClient() {
        return keep != KeepAlive.NO;
    }

    private boolean isBodiless(HttpResponse received) {
        return request.method().equals(HttpMethod.HEAD)
                || received.status().equals(HttpResponseStatus.NO_CONTENT)
                || received.status().equals(HttpResponseStatus.NOT_MODIFIED);
    }

    /** Whether the target's connection can persist after this reply. */
    boolean endsBeforeItsConnection(HttpResponse received, HttpFraming framing) {
        boolean delimited = isBodiless(received) || framing.isChunked() || framing.hasLength();
        return delimited && HttpUtil.isKeepAlive(received);
    }

    /** Builds the head of the reply for the client. */
    HttpResponse started(HttpResponse received, HttpFraming framing, String via) {
        reply = Reply.STARTED;
        boolean bodiless = isBodiless(received);
        boolean endsByClose = old && !bodiless && !framing.hasLength();
        if (!requestDone || endsByClose) {
            keep = KeepAlive.NO;
        }
        return ForwardedHead.reply(received, framing, bodiless, old, keep, via);
    }
}
