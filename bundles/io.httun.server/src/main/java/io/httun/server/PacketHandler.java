// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Handles the frames of sessions that carry IP packets in parallel requests ({@code docs/wire.md}, "Parallel requests"). */
final class PacketHandler {
    private static final Set<Operation> WRITES = EnumSet.of(Operation.L3_TO_SERVER);

    private PacketHandler() {}

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> read(Session session, Frame frame, Received received) {
        checkChannel(session);
        DataHandler.checkRead(frame, Operation.L3_FROM_SERVER);
        int size = frame.payload().readableBytes();
        if (size != Long.BYTES) {
            throw new FrameException("request for packets of " + size + " bytes, expected " + Long.BYTES);
        }
        if (!session.numbers().takeRead(frame.sequence())) {
            return CompletableFuture.completedFuture(TunnelReply.unavailable());
        }
        if (!DataHandler.isHeard(session, size, 1, received)) {
            return null;
        }
        return session.packets()
                .asked(SequenceType.number(frame.sequence()), frame.payload().readLong());
    }

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> write(Session session, Frame first, FrameCipher cipher, Received received) {
        checkChannel(session);
        List<Frame> frames = BatchFrames.read(session, first, cipher, received.rest(), WRITES);
        boolean news = frames.stream().anyMatch(frame -> session.numbers().isNewWrite(frame.sequence()));
        if (news && !DataHandler.isHeard(session, BatchFrames.size(frames), frames.size(), received)) {
            BatchFrames.release(frames);
            return null;
        }
        return CompletableFuture.completedFuture(session.packets().written(frames));
    }

    private static void checkChannel(Session session) {
        ChannelSettings settings = session.channel().settings();
        if (!settings.l3().isEnabled()) {
            throw new FrameException("packets on channel " + settings.name() + ", which carries none");
        }
    }
}
