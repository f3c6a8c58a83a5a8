// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.httun.protocol.pipe.PipeAsk;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeFrames;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Handles the frames of sessions that carry a pipe ({@code docs/wire.md}, "A pipe"). */
final class PipeHandler {
    private static final Set<Operation> WRITES = EnumSet.of(Operation.PIPE_TO_SERVER, Operation.PIPE_END);

    private PipeHandler() {}

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> read(Session session, Frame frame, Received received) {
        DataHandler.checkRead(frame, Operation.PIPE_FROM_SERVER);
        int size = frame.payload().readableBytes();
        PipeAsk ask = PipeFrames.readAsk(frame.payload());
        if (!session.numbers().takeRead(frame.sequence())) {
            return CompletableFuture.completedFuture(TunnelReply.unavailable());
        }
        if (!DataHandler.isHeard(session, size, 1, received)) {
            return null;
        }
        return session.pipe().asked(session, SequenceType.number(frame.sequence()), ask);
    }

    /** Null if the session is over. */
    static CompletionStage<TunnelReply> write(Session session, Frame first, FrameCipher cipher, Received received) {
        List<Frame> frames = BatchFrames.read(session, first, cipher, received.rest(), WRITES);
        boolean news = frames.stream().anyMatch(frame -> session.numbers().isNewWrite(frame.sequence()));
        if (news && !DataHandler.isHeard(session, BatchFrames.size(frames), frames.size(), received)) {
            BatchFrames.release(frames);
            return null;
        }
        if (first.operation() == Operation.PIPE_END) {
            return ended(session, frames, cipher, news);
        }
        return session.pipe().written(session, frames);
    }

    private static CompletionStage<TunnelReply> ended(
            Session session, List<Frame> frames, FrameCipher cipher, boolean news) {
        try {
            PipeEnding ending = PipeEnding.read(frames.get(0).payload());
            long sequence = frames.get(0).sequence();
            if (news) {
                session.numbers().takeWrite(sequence);
                session.pipe().endedByClient(ending);
            }
            return CompletableFuture.completedFuture(PipeReceipt.of(session, Operation.PIPE_END, sequence, cipher));
        } finally {
            BatchFrames.release(frames);
        }
    }
}
