// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.listener.ForwardedExchange.Reply;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.Future;

/**
 * Serves the plain {@code http://} requests of one client one after the other. The connection to the last target persists for
 * further requests to the same target. On the client's event loop.
 */
final class Forwarder implements RelayConnection.Opening {
    private final HttpNegotiation owner;
    private final ChannelHandlerContext client;
    private final ForwardedReply reply;
    /** Null while no target is connected. */
    private KeptTarget target;
    /** Null between exchanges. */
    private ForwardedExchange exchange;
    /** Null until a reply is complete before its request. */
    private UploadTail tail;

    Forwarder(HttpNegotiation owner, ChannelHandlerContext client) {
        this.owner = owner;
        this.client = client;
        this.reply = new ForwardedReply(this, owner, client);
    }

    ForwardedExchange exchange() {
        return exchange;
    }

    void endExchange() {
        exchange = null;
    }

    KeptTarget target() {
        return target;
    }

    /** Starts an exchange; the request's body follows by {@link #content}. */
    void begin(HttpRequest received, HttpFraming framing, ForwardTarget to, KeepAlive keep) {
        boolean upgrades = owner.http().forwardUpgrade();
        HttpRequest sent = ForwardedHead.request(received, to, framing, upgrades, via(received, isStream()));
        exchange = new ForwardedExchange(received, framing, to, sent, keep);
        boolean kept = target != null && target.serves(to.target(), owner.user(), exchange.isRepeatable());
        exchange.reused(kept);
        if (kept) {
            target.send(sent);
        } else {
            open();
        }
    }

    void open() {
        drop();
        if (owner.client().isOwnListener(exchange.to().target())) {
            refuseLoop();
            return;
        }
        owner.hold();
        owner.client().connection().open(exchange.to().target(), this);
    }

    String via(HttpMessage message, boolean stream) {
        return HopByHop.via(message, stream, owner.client().parts().pseudonym());
    }

    private boolean isStream() {
        return client.channel() instanceof Http2StreamChannel;
    }

    @Override
    public void opened(Channel connected) {
        if (owner.client().isOwnListener(connected)) {
            BulkSockets.reset(connected);
            refuseLoop();
            return;
        }
        owner.client().connection().watch(connected);
        target = new KeptTarget(
                connected,
                exchange.to().target(),
                owner.user(),
                new TargetReplies(reply),
                owner.settings().relay().policy().idle().toMillis());
        target.read(client.channel().isWritable());
        target.send(exchange.request());
        if (exchange.isRequestDone()) {
            // A repeated request, which has no body.
            target.send(LastHttpContent.EMPTY_LAST_CONTENT);
            target.flush();
        } else {
            owner.resume();
            flush();
        }
    }

    private void refuseLoop() {
        exchange = null;
        owner.answer(
                client,
                EndCause.DENIED,
                new HttpAnswers.Problem(HttpResponseStatus.FORBIDDEN, ListenerClient.LOOP, "proxy_loop_detected"));
    }

    @Override
    public void refused(Cause cause) {
        exchange = null;
        owner.refused(cause);
    }

    /** Forwards a part of the request's body; the caller releases it. */
    void content(HttpContent content) {
        if (exchange == null || exchange.isRequestDone()) {
            return;
        } else if (content.decoderResult().isFailure()) {
            malformed();
            return;
        }
        boolean last = content instanceof LastHttpContent;
        if (target != null) {
            target.send(content.retain());
        }
        if (tail != null) {
            tail.moved();
        }
        if (last) {
            uploaded();
        } else {
            readClient();
        }
    }

    private void uploaded() {
        exchange.requestDone();
        if (tail != null) {
            tail.end();
            closeInOrder();
        } else {
            flush();
            // The next request waits for the end of this reply.
            owner.hold();
        }
    }

    /** Continues the upload after the reply. */
    void replyBeforeRequest(Future<?> written) {
        tail = new UploadTail(client.channel(), written);
        readClient();
    }

    void readClient() {
        client.channel().config().setAutoRead(target == null || target.takesMore());
    }

    /** Handles an undecodable body: its end, and so the next request, cannot be found. */
    private void malformed() {
        boolean started = exchange.reply() != Reply.AWAITED;
        exchange = null;
        drop();
        if (started) {
            owner.client().connection().end(EndCause.MALFORMED, "malformed HTTP body");
        } else {
            owner.answer(client, EndCause.MALFORMED, HttpResponseStatus.BAD_REQUEST, "malformed HTTP body");
        }
    }

    void flush() {
        if (target != null) {
            target.flush();
        }
    }

    void clientWritabilityChanged() {
        if (target != null) {
            target.read(client.channel().isWritable());
        }
    }

    void clientGone() {
        exchange = null;
        drop();
        if (tail != null) {
            tail.stop();
        }
    }

    /** Closes the connection to the target, if any. */
    void drop() {
        if (target != null) {
            takeTarget().close();
        }
    }

    private void closeInOrder() {
        if (target != null) {
            takeTarget().closeInOrder();
        }
    }

    KeptTarget takeTarget() {
        KeptTarget old = target;
        target = null;
        return old;
    }
}
