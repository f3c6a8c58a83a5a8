// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.FrameSource;
import io.httun.protocol.KeyLife;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.httun.protocol.SequenceWindow;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.UnaryOperator;

/** What one init agreed on, and the counters that began with it. Confined to an event loop. */
final class SessionKeys {
    /** Half of the serials are for w, so that one look at a serial tells its direction and session. */
    private static final long WRITE_SERIALS = 1L << 39;

    private final Surroundings surroundings;
    private final FrameKey key;
    private final int capabilities;
    private final KeyLife life;
    private final SequenceWindow window;
    private long nextWrite;
    private long nextRequest;
    private long nextReply;
    private long readSerial;
    private long writeSerial;

    /**
     * @param capabilities what both ends can do, see {@link PeerId}; 0 with a stock server
     * @param initSerial serial of the init request
     */
    SessionKeys(Surroundings surroundings, FrameKey key, int capabilities, int windowLength, long initSerial) {
        this.surroundings = surroundings;
        this.key = key;
        this.capabilities = capabilities;
        this.life = surroundings.keyLife().get();
        this.window = new SequenceWindow(SequenceType.A, windowLength);
        this.readSerial = initSerial + 1;
        this.writeSerial = initSerial + WRITE_SERIALS;
    }

    /** Whether the server is one of ours, which serves several sessions. */
    boolean ours() {
        return (capabilities & PeerId.SESSIONS) != 0;
    }

    /** Whether bodies hold batches. */
    boolean batches() {
        return (capabilities & PeerId.BATCH) != 0;
    }

    /** Whether the server tells an init that continues a session from one that begins one. */
    boolean continues() {
        return (capabilities & PeerId.CONTINUES) != 0;
    }

    boolean isEnding() {
        return life.isEnding();
    }

    long readSerial() {
        return readSerial++ & TunnelPath.SERIAL_MASK;
    }

    long writeSerial() {
        return writeSerial++ & TunnelPath.SERIAL_MASK;
    }

    /**
     * Makes a body of what a source has.
     *
     * @param limit of a batch's length
     * @return null if it has nothing
     * @throws HttunException if the key is used up
     */
    ByteBuf gather(FrameCipher cipher, Operation operation, int limit, FrameSource source) {
        UnaryOperator<ByteBuf> sealer = frame -> seal(cipher, operation, false, frame);
        return batches()
                ? FrameBody.batch(PooledByteBufAllocator.DEFAULT, limit, source, sealer)
                : FrameBody.single(PooledByteBufAllocator.DEFAULT, source, sealer);
    }

    /** A request for what the server has. @throws HttunException if the key is used up */
    ByteBuf request(FrameCipher cipher, Operation operation) {
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, 0);
        try {
            return seal(cipher, operation, true, frame);
        } catch (HttunException e) {
            frame.release();
            throw e;
        }
    }

    /** Seals a frame with the next number of its type. */
    private ByteBuf seal(FrameCipher cipher, Operation operation, boolean read, ByteBuf frame) {
        if (!life.use(frame.readableBytes() + Frame.OVERHEAD - Frame.HEADER_LENGTH)) {
            throw new HttunException("the session's key is used up");
        }
        long sequence = read ? SequenceType.C.with(nextRequest++) : SequenceType.B.with(nextWrite++);
        return Frame.seal(cipher, key, surroundings.nonces(), operation, sequence, frame);
    }

    /**
     * Opens a frame of a reply.
     *
     * @param body not released
     * @param out becomes the payload
     * @return null for one of a server of ours that was opened before
     * @throws FrameException if the server did not seal it in this session
     * @throws HttunException if it did and it is not the next one, or if the key is used up
     */
    Frame open(FrameCipher cipher, ByteBuf body, ByteBuf out, Operation expected) {
        if (!life.use(body.readableBytes())) {
            throw new HttunException("the session's key is used up");
        }
        Frame frame = Frame.open(cipher, key, body, out);
        if (frame == null) {
            throw new FrameException("got a reply of " + body.readableBytes()
                    + " bytes that is no frame of this session; expected one sealed by the server");
        }
        if (frame.operation() != expected) {
            throw new HttunException("got a reply of operation " + frame.operation() + ", expected " + expected);
        }
        long number = SequenceType.number(frame.sequence());
        if (ours() && number < nextReply) {
            return null;
        }
        if (!window.take(frame.sequence())) {
            throw new HttunException("got a reply with a sequence number that was there before or is too old");
        }
        if (ours() && number != nextReply) {
            throw new HttunException("got reply number " + number + ", expected " + nextReply + ": a reply was lost");
        }
        nextReply = number + 1;
        return frame;
    }

    void destroy() {
        key.destroy();
    }
}
