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

/** Packets received under one key, without duplicates and in the order of their numbers. Confined to an event loop. */
final class PacketArrivals {
    /** Bytes behind a gap, which lasts at most 20 ms: 400 MB/s. */
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
     * @throws FrameException if the server did not seal all of it under this key; frames before the wrong one are accepted
     * @throws HttunException if the server sealed anything other than packets
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

    /** Delivers the packets that are in order or have waited long enough. Returns whether there was one. */
    boolean deliver(long now, Consumer<ByteBuf> to) {
        boolean any = false;
        for (ByteBuf packet = order.poll(now); packet != null; packet = order.poll(now)) {
            to.accept(packet);
            any = true;
        }
        return any;
    }

    /** Stops waiting for missing packets: the key is no longer used. */
    void skipGaps() {
        order.skipGaps();
    }

    /** Returns when to {@link #deliver} again; {@link WakeTimer#NEVER} if no packet waits. */
    long wakeAt() {
        return order.wakeAt();
    }

    /** Returns the number below which every packet was received or given up. */
    long received() {
        return order.next();
    }

    void close() {
        order.clear();
        keys.destroy();
    }
}
