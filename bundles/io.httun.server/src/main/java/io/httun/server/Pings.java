// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** Payloads that a client in test mode wants back. Guarded by its outbox's lock. */
final class Pings implements FrameSource {
    private static final byte[] PONG = "Pong: ".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST = 4;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();

    /** Takes the payload over; beyond {@value #MOST} the oldest is dropped. */
    void add(ByteBuf payload) {
        waiting.add(payload);
        if (waiting.size() > MOST) {
            waiting.remove().release();
        }
    }

    @Override
    public int waiting() {
        ByteBuf ping = waiting.peek();
        return ping == null ? -1 : FrameBody.OVERHEAD + PONG.length + ping.readableBytes();
    }

    /** The answer, cut to what a frame holds. */
    @Override
    public boolean fill(ByteBuf frame) {
        ByteBuf ping = waiting.peek();
        int room = FrameBody.room(frame);
        if (ping == null || room < Math.min(Frame.MAX_PAYLOAD, PONG.length + ping.readableBytes())) {
            return false;
        }
        frame.writeBytes(PONG).writeBytes(ping, Math.min(ping.readableBytes(), room - PONG.length));
        waiting.remove().release();
        return true;
    }

    void clear() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }
}
