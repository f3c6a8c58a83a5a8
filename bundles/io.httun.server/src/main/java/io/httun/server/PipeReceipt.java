// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.PipeFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** The answer to a request on {@code w} of a pipe: a frame, as a 200 alone may be a proxy's own ({@code docs/wire.md}, "A pipe"). */
final class PipeReceipt {
    private PipeReceipt() {}

    /**
     * @param sequence of the first frame of the request
     * @param cipher null while there is none
     * @return 503 if nothing can be sealed: the client sends its data again, under its next key
     */
    static TunnelReply of(Session session, Operation operation, long sequence, FrameCipher cipher) {
        if (cipher == null) {
            return TunnelReply.unavailable();
        }
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, 0);
        boolean done = false;
        try {
            session.sealUncounted(cipher, operation, PipeFrames.receiptSequence(sequence), frame);
            done = true;
        } catch (RuntimeException e) {
            // The key is used up, the session has ended meanwhile, or a provider fails.
            return TunnelReply.unavailable();
        } finally {
            if (!done) {
                frame.release();
            }
        }
        return session.channel().frame(frame, TunnelReply.Delivery.UNTRACKED);
    }
}
