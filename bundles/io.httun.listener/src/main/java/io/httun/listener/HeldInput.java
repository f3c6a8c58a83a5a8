// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A client's input that was not processed yet: messages that wait for their turn, and the bytes after the last
 * message. Owns their buffers.
 */
final class HeldInput {
    private final Deque<Object> messages = new ArrayDeque<>();
    private final List<ByteBuf> early = new ArrayList<>();

    void hold(Object message) {
        messages.add(message);
    }

    boolean holdsMessages() {
        return !messages.isEmpty();
    }

    /** The oldest message; transfers ownership. */
    Object nextMessage() {
        return messages.remove();
    }

    /** The messages that are plain bytes; transfers ownership. */
    List<ByteBuf> takeHeldBytes() {
        List<ByteBuf> bytes = messages.stream()
                .filter(ByteBuf.class::isInstance)
                .map(ByteBuf.class::cast)
                .toList();
        messages.removeAll(bytes);
        return bytes;
    }

    void keepEarly(ByteBuf bytes) {
        early.add(bytes);
    }

    /** Transfers ownership. */
    List<ByteBuf> takeEarly() {
        List<ByteBuf> bytes = List.copyOf(early);
        early.clear();
        return bytes;
    }

    void release() {
        takeEarly().forEach(ReferenceCountUtil::release);
        messages.forEach(ReferenceCountUtil::release);
        messages.clear();
    }
}
