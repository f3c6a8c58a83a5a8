// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.ProbeFiller;
import io.httun.protocol.ProbeResult;
import io.httun.protocol.pipe.PipeFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** A session that asks the server about the path ({@code docs/wire.md}, "A probe"): makes requests and opens replies. Thread-safe. */
final class ProbeSession {
    /** A request that may be sent once. */
    record Request(long number, ByteBuf head, ByteBuf body) {}

    private final ClientContext context;
    private final SessionKeys keys;
    private final RequestHeads heads;
    private long nextNumber;
    private boolean closed;

    ProbeSession(ClientContext context, SessionKeys keys, RequestHeads heads) {
        this.context = context;
        this.keys = keys;
        this.heads = heads;
    }

    private FrameCipher cipher() {
        FrameCipher cipher = closed ? null : context.surroundings().cipher().get();
        if (cipher == null) {
            throw new HttunException(
                    closed ? "the probe has ended" : "there is no cipher: start a bundle io.httun.crypto");
        }
        return cipher;
    }

    /** @throws HttunException if it cannot be sealed */
    synchronized Request ask(ProbeAsk ask) {
        FrameCipher cipher = cipher();
        long number = nextNumber++;
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, ProbeAsk.PAYLOAD);
        ask.write(frame);
        byte[] message = RequestHeads.message(keys.sealRead(cipher, Operation.PROBE_FROM_SERVER, number, frame));
        return new Request(number, heads.read(PooledByteBufAllocator.DEFAULT, keys.readSerial(), message), null);
    }

    /** Makes a request with a body just below or at this length. @throws HttunException if it cannot be sealed */
    synchronized Request upload(int length) {
        FrameCipher cipher = cipher();
        ProbeFiller filler = new ProbeFiller(ProbeFiller.lengthIn(length, 0));
        ByteBuf body = FrameBody.batch(
                PooledByteBufAllocator.DEFAULT,
                length,
                filler,
                frame -> keys.sealWrite(cipher, Operation.PROBE_TO_SERVER, frame));
        ByteBuf head = heads.write(PooledByteBufAllocator.DEFAULT, keys.writeSerial(), body.readableBytes());
        return new Request(-1, head, body);
    }

    /** Opens a reply. @throws HttunException if it is not the complete reply to this request */
    synchronized ProbeResult open(long number, ProbeLink.Reply reply) {
        if (reply.status() != 200) {
            throw new HttunException("status " + reply.status());
        }
        FrameCipher cipher = cipher();
        ByteBuf body = Unpooled.wrappedBuffer(reply.body());
        for (int index = 0; ; index++) {
            try (Frame frame = keys.openUnnumbered(cipher, FrameBody.next(body))) {
                if (frame.operation() != Operation.PROBE_FROM_SERVER) {
                    throw new FrameException("got operation " + frame.operation() + " in a probe");
                }
                if (PipeFrames.isLastOfReply(frame.sequence(), number, index)) {
                    return ProbeResult.read(frame.payload());
                }
            }
        }
    }

    /** Returns the headers of a request as lines {@code name: value}. */
    synchronized String sentHeaders() {
        ByteBuf head = heads.read(PooledByteBufAllocator.DEFAULT, 0, new byte[0]);
        try {
            return head.toString(StandardCharsets.ISO_8859_1).replaceFirst("^[^\n]*\n", "");
        } finally {
            head.release();
        }
    }

    synchronized void close() {
        if (!closed) {
            closed = true;
            keys.destroy();
        }
    }
}
