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
import io.httun.protocol.SequenceType;
import io.httun.protocol.SequenceWindow;
import io.httun.protocol.Serials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** The keys and counters of one init. Confined to an event loop. */
final class SessionKeys {
    private final Surroundings surroundings;
    private final FrameKey key;
    private final PeerProtocol peer;
    private final KeyLife life;
    private final SequenceWindow window;
    private long nextWrite;
    private long nextRequest;
    private long readSerial;
    private long writeSerial;

    /**
     * @param peer the capabilities of both ends
     * @param initSerial serial of the init request
     */
    SessionKeys(Surroundings surroundings, FrameKey key, PeerProtocol peer, int windowLength, long initSerial) {
        this.surroundings = surroundings;
        this.key = key;
        this.peer = peer;
        this.life = surroundings.keyLife().get();
        this.window = new SequenceWindow(SequenceType.A, windowLength);
        this.readSerial = Serials.next(initSerial, peer.node());
        this.writeSerial = Serials.firstWrite(initSerial, peer.node());
    }

    PeerProtocol peer() {
        return peer;
    }

    boolean isEnding() {
        return life.isEnding();
    }

    /** The sequence field of the next frame of a {@code w}. */
    long nextWriteSequence() {
        return SequenceType.B.with(nextWrite);
    }

    long readSerial() {
        long serial = readSerial;
        readSerial = Serials.next(serial, peer.node());
        return serial;
    }

    long writeSerial() {
        long serial = writeSerial;
        writeSerial = Serials.next(serial, peer.node());
        return serial;
    }

    /**
     * Makes a body of one frame from a source.
     *
     * @return null if the source is empty
     * @throws HttunException if the key is used up
     */
    ByteBuf gather(FrameCipher cipher, Operation operation, FrameSource source) {
        return FrameBody.single(PooledByteBufAllocator.DEFAULT, source, frame -> sealWrite(cipher, operation, frame));
    }

    /** Seals the frame of a request for data. @throws HttunException if the key is used up */
    ByteBuf request(FrameCipher cipher, Operation operation) {
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, 0);
        try {
            return seal(cipher, operation, SequenceType.C.with(nextRequest++), frame);
        } catch (HttunException e) {
            frame.release();
            throw e;
        }
    }

    /** Seals a frame of a {@code w} in place. @throws HttunException if the key is used up */
    ByteBuf sealWrite(FrameCipher cipher, Operation operation, ByteBuf frame) {
        return seal(cipher, operation, SequenceType.B.with(nextWrite++), frame);
    }

    /** Seals the frame of an {@code r} under a number of the pipe's. @throws HttunException if the key is used up */
    ByteBuf sealRead(FrameCipher cipher, Operation operation, long number, ByteBuf frame) {
        try {
            return seal(cipher, operation, SequenceType.C.with(number), frame);
        } catch (HttunException e) {
            frame.release();
            throw e;
        }
    }

    private ByteBuf seal(FrameCipher cipher, Operation operation, long sequence, ByteBuf frame) {
        if (!life.use(frame.readableBytes() + Frame.OVERHEAD - Frame.HEADER_LENGTH)) {
            throw new HttunException("the session's key is used up");
        }
        return Frame.seal(cipher, key, surroundings.nonces(), operation, sequence, frame);
    }

    /**
     * Opens a frame of a reply.
     *
     * @param body not released
     * @param out becomes the payload
     * @throws FrameException if the server did not seal it in this session
     * @throws HttunException if its number is a repetition, or the key is used up
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
        if (!window.take(frame.sequence())) {
            throw new HttunException("got a reply with a repeated or too old sequence number");
        }
        return frame;
    }

    /**
     * Opens a frame of a pipe, whose number the caller checks.
     *
     * @return owned by the caller
     * @throws FrameException if the server did not seal it in this session
     */
    Frame openUnnumbered(FrameCipher cipher, ByteBuf sealed) {
        Frame frame = openReceipt(cipher, sealed);
        life.use(sealed.readableBytes());
        return frame;
    }

    /**
     * Counts the server's use of the key for the answer to a {@code w}, even if it does not arrive: the key must not reach its limit at the
     * server first.
     */
    void countReceipt() {
        life.use(Frame.OVERHEAD);
    }

    /** As {@link #openUnnumbered}, for a frame that {@link #countReceipt} has counted. */
    Frame openReceipt(FrameCipher cipher, ByteBuf sealed) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        Frame frame = null;
        try {
            frame = Frame.open(cipher, key, sealed, out);
        } finally {
            if (frame == null) {
                out.release();
            }
        }
        if (frame == null) {
            throw new FrameException("got a frame that the server did not seal in this session");
        }
        return frame;
    }

    void destroy() {
        key.destroy();
    }
}
