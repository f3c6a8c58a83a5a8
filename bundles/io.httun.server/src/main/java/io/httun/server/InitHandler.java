// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.Operation;
import io.httun.protocol.Serials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers inits ({@code wire/httun.md} section 3), each with a new session that proves nothing until it is used. */
final class InitHandler {
    private final Parts parts;
    private final ChannelRegistry channels;
    private final RefusalReplies replies;
    private final Function<KeyAgreement, UUID> serverId;

    InitHandler(Parts parts, ChannelRegistry channels, RefusalReplies replies, Function<KeyAgreement, UUID> serverId) {
        this.parts = parts;
        this.channels = channels;
        this.replies = replies;
        this.serverId = serverId;
    }

    /** Null if the channel's key does not fit. */
    CompletionStage<TunnelReply> handle(
            ServerChannel channel, FrameOpener opener, FrameCipher cipher, KeyAgreement agreement, Received received) {
        ServerChannel.InitKey used = null;
        Frame frame = null;
        for (ServerChannel.InitKey each : channel.initKeys(agreement)) {
            used = each;
            frame = opener.open(each.key());
            if (frame != null) {
                break;
            }
        }
        if (frame == null) {
            return replies.mayAsk(received.request()) ? null : replies.tooMany(received.request());
        }
        InitPayload hello = InitPayload.read(frame.payload());
        ServerSettings settings = parts.settings().get();
        UUID client = Session.clientOf(hello.sender());
        if (Session.isContinuing(hello.sender()) && channel.sessions().current(client) == null) {
            return replies.refused(
                    Refusals.Cause.SESSION, "channel " + channel.name() + ": a session to continue has gone");
        }
        if (channel.isSpent()) {
            return replies.unavailable(Refusals.Cause.QUOTA, "channel " + channel.name());
        }
        if (!hasPlace(channel.sessions(), client, settings)
                || !channel.allowsInit(hello.publicKey(), settings.initsPerSecond())) {
            return replies.unavailable(Refusals.Cause.TOO_MANY, "channel " + channel.name());
        }
        if (!channel.useInitKey(2 * (Frame.OVERHEAD + InitPayload.LENGTH))) {
            return replies.refused(
                    Refusals.Cause.SECRET_USED_UP, "channel " + channel.name() + " needs a new secret at both ends");
        }
        return answer(channel, used, cipher, agreement, received, hello);
    }

    private CompletionStage<TunnelReply> answer(
            ServerChannel channel,
            ServerChannel.InitKey used,
            FrameCipher cipher,
            KeyAgreement agreement,
            Received received,
            InitPayload hello) {
        FrameKey key;
        ByteBuf answer = Frame.allocate(PooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        try (EphemeralKeyPair pair = agreement.generate()) {
            key = KeySchedule.sessionKey(agreement, used.secret(), pair, hello.publicKey());
            new InitPayload(serverId.apply(agreement), pair.publicKey()).write(answer);
            Frame.seal(cipher, used.key(), parts.nonces(), Operation.INIT, -1, answer);
        } catch (HttunException e) {
            answer.release();
            return null;
        }
        channel.countRequest();
        Session session = new Session(parts, channel, hello.sender(), key);
        long serial = received.path().serial();
        if (serial >= 0) {
            int node = parts.settings().get().node();
            SerialHints hints = channel.sessions().hints();
            hints.expectFirst(session, true, Serials.next(serial, node));
            hints.expectFirst(session, false, Serials.firstWrite(serial, node));
        }
        // Last, since from now on it may end, and take its hints with it.
        channel.sessions()
                .add(
                        session,
                        mostUnconfirmed(channel.sessions(), parts.settings().get()));
        channel.began(session, used);
        return CompletableFuture.completedFuture(channel.frame(answer, TunnelReply.Delivery.UNTRACKED));
    }

    /** Whether there is a place for a session of this client; one whose client has paused for long gives its own up. */
    private boolean hasPlace(SessionTable sessions, UUID client, ServerSettings settings) {
        return !isFull(sessions, client, settings)
                || sessions.endLongestPaused(
                                System.nanoTime(), settings.sessionIdle().toNanos())
                        && !isFull(sessions, client, settings);
    }

    /** Whether a session of this client would be one too many, on its channel or in all, or find no memory. */
    private boolean isFull(SessionTable sessions, UUID client, ServerSettings settings) {
        int inAll = settings.maxSessionsInAll();
        return mostUnconfirmed(sessions, settings) == 0
                || !sessions.has(client)
                        && (sessions.size() >= settings.maxSessions()
                                || channels.count(SessionTable::size) >= inAll
                                || parts.queues().isFull(settings.queuesPercent()));
    }

    /** Where there are too many in all, a channel that has some gives its own oldest up for a new one. */
    private int mostUnconfirmed(SessionTable sessions, ServerSettings settings) {
        int most = settings.maxSessions();
        boolean full = channels.count(SessionTable::unconfirmed) >= settings.maxSessionsInAll();
        return full ? Math.min(most, sessions.unconfirmed()) : most;
    }
}
