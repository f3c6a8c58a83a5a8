// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.AntiReplayWindow;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.PacketReorderQueue;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** Packets that came under one key, each once and in the order of their numbers. Confined to an event loop. */
final class PacketArrivals {
    /** Bytes that wait for a gap, which lasts 20 ms at most: 400 MB/s. */
    private static final int MOST_WAITING = 8 << 20;

    private final SessionKeys keys;
    private final AntiReplayWindow numbers = new AntiReplayWindow(SequenceType.A);
    private final PacketReorderQueue order = new PacketReorderQueue(MOST_WAITING);

    PacketArrivals(SessionKeys keys) {
        this.keys = keys;
    }

    SessionKeys keys() {
        return keys;
    }

    /**
     * Opens a reply.
     *
     * @param body not released
     * @throws FrameException if it is not, or not to its end, what the server sealed under this key; what came before has been taken
     * @throws HttunException if the server sealed something else than packets
     */
    void open(FrameCipher cipher, ByteBuf body, long now) {
        do {
            Frame frame = keys.openUnnumbered(cipher, FrameBody.next(body));
            if (frame.operation() != Operation.L3_FROM_SERVER) {
                frame.close();
                throw new HttunException("got operation " + frame.operation() + ", expected L3_FROM_SERVER");
            }
            if (numbers.take(frame.sequence())) {
                order.add(SequenceType.number(frame.sequence()), frame.payload(), now);
            } else {
                frame.close();
            }
        } while (body.isReadable());
    }

    /** Hands on what is in order, or was not to wait any longer. Returns whether there was something. */
    boolean deliver(long now, Consumer<ByteBuf> to) {
        boolean any = false;
        for (ByteBuf packet = order.poll(now); packet != null; packet = order.poll(now)) {
            to.accept(packet);
            any = true;
        }
        return any;
    }

    /** Nothing is waited for under a key that is not used any more. */
    void skipGaps() {
        order.skipGaps();
    }

    /** When to {@link #deliver} again; {@link Long#MAX_VALUE} if nothing waits. */
    long wakeAt() {
        return order.wakeAt();
    }

    /** Every number below has come, or is not waited for any more. */
    long received() {
        return order.next();
    }

    void close() {
        order.clear();
        keys.destroy();
    }
}
