// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.pipe.PipeDue;
import io.httun.protocol.pipe.PipeFrames;
import io.netty.buffer.ByteBuf;
import java.util.function.UnaryOperator;

/** Seals the frames of one reply of a pipe, in their order. */
final class PipeReplySealer implements UnaryOperator<ByteBuf> {
    private final Session session;
    private final FrameCipher cipher;
    private final PipeDue.Reply<?> reply;
    private int index;

    PipeReplySealer(Session session, FrameCipher cipher, PipeDue.Reply<?> reply) {
        this.session = session;
        this.cipher = cipher;
        this.reply = reply;
    }

    @Override
    public ByteBuf apply(ByteBuf frame) {
        long sequence =
                PipeFrames.replySequence(reply.number(), index++, reply.body().isComplete());
        return session.seal(cipher, reply.operation(), sequence, frame);
    }
}
