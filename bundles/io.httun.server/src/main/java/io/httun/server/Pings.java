// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** What a client in test mode has sent and wants back. Guarded by its read side's lock. */
final class Pings {
    private static final byte[] PONG = "Pong: ".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST = 4;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();

    /** Takes the payload over; the oldest of too many is dropped. */
    void add(ByteBuf payload) {
        waiting.add(payload);
        if (waiting.size() > MOST) {
            waiting.remove().release();
        }
    }

    /** The answer in a frame to be sealed, cut to what a frame holds; null while there is none. */
    ByteBuf takePong(ByteBufAllocator allocator) {
        ByteBuf ping = waiting.poll();
        if (ping == null) {
            return null;
        }
        int length = Math.min(ping.readableBytes(), Frame.MAX_PAYLOAD - PONG.length);
        ByteBuf frame = Frame.allocate(allocator, PONG.length + length);
        frame.writeBytes(PONG).writeBytes(ping, length);
        ping.release();
        return frame;
    }

    void clear() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }
}
