// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes from the server that wait for the local side to read. Confined to the channel's event loop. */
final class TunnelInput {
    /** Bytes that may wait while more are asked for. */
    private static final int MAX_WAITING = 256 * 1024;

    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private int bytes;
    private boolean wanted;
    private boolean delivering;

    /** Takes bytes over. */
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

    /** Whether more should be asked for. */
    boolean hasRoom() {
        return bytes < MAX_WAITING || wanted;
    }

    /** The local side reads. @return whether {@link #deliver} has to be called, from outside the call stack */
    boolean want() {
        wanted = true;
        return !delivering;
    }

    /** Hands over what is wanted. @return false if this is called from within itself, which goes on anyway */
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
