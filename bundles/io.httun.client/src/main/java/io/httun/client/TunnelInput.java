// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayDeque;
import java.util.Deque;

/** Queue of bytes from the server until the local side reads. Confined to the channel's event loop. */
final class TunnelInput {
    /** Number of queued bytes above which no more are requested. */
    private static final int MAX_WAITING = 256 * 1024;

    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean wanted;
    private boolean delivering;

    /** Takes over the buffer. */
    void add(ByteBuf payload) {
        waiting.add(payload);
        bytes += payload.readableBytes();
    }

    int bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether more bytes should be requested. */
    boolean hasRoom() {
        return bytes < MAX_WAITING || wanted;
    }

    /** Handles a read of the local side. @return whether {@link #deliver} has to be called, from outside the call stack */
    boolean want() {
        wanted = true;
        return !delivering;
    }

    /** Delivers the bytes that the local side reads. @return false for a recursive call, which the outer one makes unnecessary */
    boolean deliver(ChannelPipeline pipeline) {
        if (delivering) {
            return false;
        }
        delivering = true;
        while (wanted && !waiting.isEmpty()) {
            wanted = false;
            ByteBuf next = waiting.poll();
            bytes -= next.readableBytes();
            pipeline.fireChannelRead(next);
            pipeline.fireChannelReadComplete();
        }
        delivering = false;
        return true;
    }

    void release() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        bytes = 0;
    }
}
