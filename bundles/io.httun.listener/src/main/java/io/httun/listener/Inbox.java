// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a client has said and nobody has taken yet: messages that wait for their turn, and the bytes that came behind the
 * last one. Owns them all.
 */
final class Inbox {
    private final Deque<Object> messages = new ArrayDeque<>();
    private final List<ByteBuf> early = new ArrayList<>();

    void hold(Object message) {
        messages.add(message);
    }

    boolean holdsMessages() {
        return !messages.isEmpty();
    }

    /** The oldest; ownership passes. */
    Object nextMessage() {
        return messages.remove();
    }

    /** Those of the messages that are bytes; ownership passes. */
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

    /** Ownership passes. */
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
