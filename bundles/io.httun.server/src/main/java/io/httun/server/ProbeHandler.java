// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.SequenceType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Handles the frames of sessions that ask about the path ({@code docs/wire.md}, "A probe"). */
final class ProbeHandler {
    private static final Set<Operation> WRITES = EnumSet.of(Operation.PROBE_TO_SERVER);

    private ProbeHandler() {}

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> read(Session session, Frame frame, FrameCipher cipher, Received received) {
        DataHandler.checkRead(frame, Operation.PROBE_FROM_SERVER);
        int size = frame.payload().readableBytes();
        ProbeAsk ask = ProbeAsk.read(frame.payload());
        if (!session.numbers().takeRead(frame.sequence())) {
            return CompletableFuture.completedFuture(TunnelReply.unavailable());
        }
        if (!DataHandler.isHeard(session, size, 1, received)) {
            return null;
        }
        return session.probe().asked(cipher, SequenceType.number(frame.sequence()), ask, received.request());
    }

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> write(Session session, Frame first, FrameCipher cipher, Received received) {
        List<Frame> frames = BatchFrames.read(session, first, cipher, received.rest(), WRITES);
        try {
            boolean news = frames.stream().anyMatch(frame -> session.numbers().isNewWrite(frame.sequence()));
            if (news && !DataHandler.isHeard(session, BatchFrames.size(frames), frames.size(), received)) {
                return null;
            }
            frames.forEach(frame -> session.numbers().takeWrite(frame.sequence()));
            return CompletableFuture.completedFuture(session.channel().nothing());
        } finally {
            BatchFrames.release(frames);
        }
    }
}
