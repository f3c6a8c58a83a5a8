// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The server's replies that are in flight, by the numbers of their requests, in the order in which they left. Used by one thread at a time. */
final class UnacknowledgedReplies {
    /** Beyond so many, nothing new leaves until the client tells what it has. */
    private static final int MAX = 4_096;

    private final Outbound out;
    private final Map<Long, PipeBody> replies = new LinkedHashMap<>();

    UnacknowledgedReplies(Outbound out) {
        this.out = out;
    }

    void add(long number, PipeBody body) {
        replies.put(number, body);
    }

    int size() {
        return replies.size();
    }

    boolean isFull() {
        return size() >= MAX;
    }

    /** The client has every byte below the send buffer's base: replies leave flight once it has all their bytes. */
    void acknowledged(long now) {
        long base = out.buffer().base();
        for (Iterator<PipeBody> each = replies.values().iterator(); each.hasNext(); ) {
            PipeBody body = each.next();
            if (body.carried.isBelow(base)) {
                each.remove();
                out.landed(body.carried);
                out.line().delivered(body.sample, body.carried.length(), now);
            }
        }
    }

    /** Queues the bytes of a reply again. Returns false if it is not in flight. */
    boolean lose(long number) {
        PipeBody body = replies.remove(number);
        if (body == null) {
            return false;
        }
        out.landed(body.carried);
        out.buffer().lose(body.carried);
        return true;
    }

    /** Nobody waits for the bytes of these replies any more. */
    void clear() {
        replies.values().forEach(body -> out.landed(body.carried));
        replies.clear();
    }
}
