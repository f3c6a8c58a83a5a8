// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.FrameException;
import io.httun.toolkit.config.BasicCredentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Hands a request to its channel. Until a frame has been opened, every wrong request gets the same answer after
 * about the same work: a request that must fail goes on to a decoy channel, whose secret nobody has.
 */
final class RequestHandler {
    private final Parts parts;
    private final ChannelRegistry channels;
    private final ServerChannel decoy;
    private final BasicCredentials nobody =
            new BasicCredentials("nobody", UUID.randomUUID().toString());
    private final RefusalReplies replies;
    private final InitHandler inits;
    private final DataHandler data;

    RequestHandler(Parts parts, ChannelRegistry channels, ServerChannel decoy, Function<KeyAgreement, UUID> serverId) {
        this.parts = parts;
        this.channels = channels;
        this.decoy = decoy;
        this.replies = new RefusalReplies(parts);
        this.inits = new InitHandler(parts, channels, replies, serverId);
        this.data = new DataHandler(parts, channels, decoy, replies);
    }

    /** As the service's method; releases the body. */
    CompletionStage<TunnelReply> handle(TunnelRequest request) {
        try {
            return dispatch(Received.of(request));
        } catch (FrameException e) {
            return replies.mayAsk(request)
                    ? replies.refuse(request, decoy, Refusals.Cause.MALFORMED, e.getMessage())
                    : replies.tooMany(request);
        } catch (RuntimeException e) {
            return replies.refuse(request, decoy, Refusals.Cause.INTERNAL, String.valueOf(e));
        } finally {
            request.body().release();
        }
    }

    private CompletionStage<TunnelReply> dispatch(Received received) {
        TunnelRequest request = received.request();
        FrameCipher cipher = parts.cipher().get();
        KeyAgreement agreement = parts.agreement().get();
        if (cipher == null || received.isInit() && agreement == null) {
            return replies.unavailable(Refusals.Cause.UNAVAILABLE, cipher == null ? "FrameCipher" : "KeyAgreement");
        }
        ServerChannel configured = channels.find(received.path().channel());
        // The decoy is asked as well: the response time must not reveal whether the channel exists.
        boolean fromThere = (configured == null ? decoy : configured)
                .accepts(request.carrier().peer());
        boolean served = configured != null && configured.isServed() && fromThere;
        BasicCredentials wanted = served ? configured.settings().credentials().orElse(nobody) : nobody;
        boolean authorized = wanted.matches(request.authorization()) || wanted == nobody;
        ServerChannel channel = served && authorized ? configured : decoy;

        ByteBuf out =
                PooledByteBufAllocator.DEFAULT.heapBuffer(received.sealed().readableBytes());
        try {
            FrameOpener opener = new FrameOpener(cipher, received.sealed(), out);
            CompletionStage<TunnelReply> reply = received.isInit()
                    ? inits.handle(channel, opener, cipher, agreement, received)
                    : data.handle(channel, opener, cipher, received);
            if (reply != null) {
                return reply;
            }
            Refusals.Cause misfit =
                    !served ? Refusals.Cause.CHANNEL : authorized ? Refusals.Cause.KEY : Refusals.Cause.CREDENTIALS;
            return replies.refuse(request, configured == null ? decoy : configured, misfit, received.toString());
        } catch (FrameException e) {
            // The peer has the key, so it may be told.
            parts.refusals().count(Refusals.Cause.WRONG, e.getMessage());
            return CompletableFuture.completedFuture(channel.wrong());
        } finally {
            out.release();
        }
    }
}
