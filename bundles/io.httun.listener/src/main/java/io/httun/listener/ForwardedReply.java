// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.listener.ForwardedExchange.Reply;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.Future;

/** The way of replies from a {@link Forwarder}'s target to the client, and the faults of the target. On the client's event loop. */
final class ForwardedReply {
    private final Forwarder forwarder;
    private final HttpNegotiation owner;
    private final ChannelHandlerContext client;

    ForwardedReply(Forwarder forwarder, HttpNegotiation owner, ChannelHandlerContext client) {
        this.forwarder = forwarder;
        this.owner = owner;
        this.client = client;
    }

    private ForwardedExchange exchange() {
        return forwarder.exchange();
    }

    void informational(HttpResponse received) {
        if (exchange() != null && !exchange().isOld()) {
            client.writeAndFlush(ForwardedHead.informational(received));
        }
    }

    void head(HttpResponse received) {
        if (exchange() == null) {
            // A reply without a request.
            forwarder.drop();
            return;
        }
        HttpFraming framing = HttpFraming.of(received);
        if (received.protocolVersion().majorVersion() != 1) {
            fault(TargetFault.NO_HTTP);
        } else if (!framing.isKnown()) {
            fault(TargetFault.CODING);
        } else {
            forwarder.target().replied(exchange().endsBeforeItsConnection(received, framing));
            client.write(exchange().started(received, framing, forwarder.via(received, false)));
        }
    }

    /** Takes ownership. */
    void body(HttpContent content, boolean last) {
        if (exchange() == null || exchange().reply() != Reply.STARTED) {
            content.release();
        } else if (last) {
            done(client.writeAndFlush(content));
        } else {
            client.write(content, client.voidPromise());
            if (!client.channel().isWritable()) {
                client.flush();
                forwarder.target().read(client.channel().isWritable());
            }
        }
    }

    private void done(Future<?> written) {
        exchange().replyDone();
        if (!exchange().isRequestDone()) {
            forwarder.replyBeforeRequest(written);
            return;
        }
        boolean keepsClient = exchange().keepsClient();
        forwarder.endExchange();
        if (!forwarder.target().isKept()) {
            forwarder.drop();
        }
        if (keepsClient) {
            // Not before: on a slow line the reply leaves long after it is complete here.
            written.addListener(sent -> owner.nextRequest(client));
        } else {
            owner.finish(client, written);
        }
    }

    /** Handles a reply of 101: client and target switch to another protocol. */
    void switching(HttpResponse received) {
        if (exchange() == null || !exchange().wantsUpgrade()) {
            fault(TargetFault.UPGRADE);
            return;
        }
        client.writeAndFlush(ForwardedHead.switching(received));
        forwarder.endExchange();
        forwarder.takeTarget().becomeBytes(owner::relayUpgraded);
    }

    void flushReply() {
        client.flush();
    }

    void targetWritabilityChanged() {
        if (exchange() != null && !exchange().isRequestDone()) {
            forwarder.readClient();
        }
    }

    /** Handles a failed write to the target. Its earlier reply may still arrive; the client's body is discarded meanwhile. */
    void broken() {
        KeptTarget broken = forwarder.target();
        broken.awaitLastReply(() -> {
            if (forwarder.target() == broken && exchange() != null && exchange().reply() == Reply.AWAITED) {
                fault(TargetFault.RESET);
            }
        });
        targetWritabilityChanged();
    }

    /** Handles the end of the target's output. */
    void ended() {
        failed(TargetFault.NO_REPLY, "the target closed the connection in the middle of its reply");
    }

    void reset(Throwable failure) {
        failed(TargetFault.RESET, "the target's connection failed in the middle of its reply: " + failure.getMessage());
    }

    /**
     * A target that has the whole request and says nothing has its time. Within a body the connection's policy decides, which knows whose
     * silence it is: this proxy reads no target faster than its client.
     */
    void idle() {
        ForwardedExchange exchange = exchange();
        if (exchange == null
                || exchange.reply() == Reply.AWAITED
                        && exchange.isRequestDone()
                        && !forwarder.target().isHeldBack()) {
            fault(TargetFault.SILENT);
        }
    }

    private void failed(TargetFault before, String within) {
        if (exchange() != null && exchange().reply() == Reply.STARTED) {
            cut(within);
        } else {
            fault(before);
        }
    }

    /** Handles a fault before the reply: repeats the request, or answers the client with an error. */
    void fault(TargetFault fault) {
        forwarder.drop();
        ForwardedExchange exchange = exchange();
        if (exchange == null) {
            return;
        } else if (exchange.reply() == Reply.DONE) {
            forwarder.readClient();
            return;
        }
        boolean closed = fault == TargetFault.NO_REPLY || fault == TargetFault.RESET;
        if (closed && exchange.mayBeRepeated() && exchange.isRequestDone()) {
            // A kept connection may close at any time, also when a request has just been sent (RFC 9112 section 9.3.1).
            exchange.reused(false);
            forwarder.open();
            return;
        }
        forwarder.endExchange();
        owner.answer(
                client,
                fault == TargetFault.SILENT ? EndCause.IDLE : EndCause.TARGET_FAILED,
                HttpAnswers.Problem.of(fault));
    }

    /** Resets the client after an incomplete reply, so that it does not mistake the reply for a complete one. */
    void cut(String why) {
        forwarder.drop();
        forwarder.endExchange();
        client.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(sent -> owner.client().connection().end(EndCause.TARGET_FAILED, why));
    }
}
