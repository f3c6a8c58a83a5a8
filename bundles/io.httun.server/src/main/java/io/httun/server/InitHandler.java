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

/** Answers inits ({@code wire/httun.md} section 3), each with a new session, unconfirmed until a frame uses its key. */
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
        InitKeys.InitKey used = null;
        Frame frame = null;
        for (InitKeys.InitKey each : channel.initKeys().get(agreement)) {
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
        ClientIdentity client = ClientIdentity.of(hello.sender());
        if (client.continuing() && channel.sessions().current(client.uuid()) == null) {
            return replies.refused(
                    Refusals.Cause.SESSION, "channel " + channel.name() + ": a session to continue has gone");
        }
        if (parts.drain().refuses(channel.sessions(), client.uuid(), client.continuing())) {
            return replies.draining("channel " + channel.name());
        }
        if (channel.isSpent()) {
            return replies.unavailable(Refusals.Cause.QUOTA, "channel " + channel.name());
        }
        if (!hasPlace(channel.sessions(), client.uuid(), settings)
                || !channel.allowsInit(hello.publicKey(), settings.initsPerSecond())) {
            return replies.unavailable(Refusals.Cause.TOO_MANY, "channel " + channel.name());
        }
        if (!channel.initKeys().use(2 * (Frame.OVERHEAD + InitPayload.LENGTH))) {
            return replies.refused(
                    Refusals.Cause.SECRET_USED_UP, "channel " + channel.name() + " needs a new secret at both ends");
        }
        return answer(channel, used, cipher, agreement, received, hello, client);
    }

    private CompletionStage<TunnelReply> answer(
            ServerChannel channel,
            InitKeys.InitKey used,
            FrameCipher cipher,
            KeyAgreement agreement,
            Received received,
            InitPayload hello,
            ClientIdentity client) {
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
        Session session = new Session(parts, channel, client, key);
        long serial = received.path().serial();
        if (serial >= 0) {
            int node = parts.settings().get().node();
            SerialHints hints = channel.sessions().hints();
            hints.expectFirst(session, true, Serials.next(serial, node));
            hints.expectFirst(session, false, Serials.firstWrite(serial, node));
        }
        // Last: from now on the session may end, and then its hints are forgotten.
        channel.sessions()
                .add(
                        session,
                        mostUnconfirmed(channel.sessions(), parts.settings().get()));
        channel.initKeys().began(session, used);
        return CompletableFuture.completedFuture(channel.frame(answer, TunnelReply.Delivery.UNTRACKED));
    }

    /** Whether there is a place for a session of this client. If need be, the session that has paused longest ends for it. */
    private boolean hasPlace(SessionTable sessions, UUID client, ServerSettings settings) {
        return !isFull(sessions, client, settings)
                || sessions.endLongestPaused(
                                System.nanoTime(), settings.sessionIdle().toNanos())
                        && !isFull(sessions, client, settings);
    }

    /** Whether a session of this client would exceed a limit: of its channel, of all channels, or of memory. */
    private boolean isFull(SessionTable sessions, UUID client, ServerSettings settings) {
        int inAll = settings.maxSessionsInAll();
        return mostUnconfirmed(sessions, settings) == 0
                || !sessions.has(client)
                        && (sessions.size() >= settings.maxSessions()
                                || channels.count(SessionTable::size) >= inAll
                                || parts.queues().isFull(settings.queuesPercent()));
    }

    /** Most unconfirmed sessions of a channel. When all channels together have too many, a new one replaces the oldest of its channel. */
    private int mostUnconfirmed(SessionTable sessions, ServerSettings settings) {
        int most = settings.maxSessions();
        boolean full = channels.count(SessionTable::unconfirmed) >= settings.maxSessionsInAll();
        return full ? Math.min(most, sessions.unconfirmed()) : most;
    }
}
