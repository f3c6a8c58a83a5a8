// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of one direction at the end that receives them: in any order, repeated and overlapping on one side, each byte
 * once and in order on the other. Bytes are handed on in the buffers that they arrived in. Used by one thread at a time.
 */
final class ReorderBuffer {
    /** Bytes that each segment behind a gap costs beyond its data, so that small ones are bounded too. */
    static final int SEGMENT_COST = 256;

    private record Segment(long from, ByteBuf data) {
        long to() {
            return from + data.readableBytes();
        }
    }

    private final ArrayDeque<ByteBuf> ready = new ArrayDeque<>();
    /** Behind the first gap, in ascending order, not overlapping. */
    private final List<Segment> segments = new ArrayList<>();

    private long next;
    private long unread;
    private long behind;

    /** Offset of the first byte that is missing. */
    long next() {
        return next;
    }

    /** Offset of the next byte that {@link #read} hands on. */
    long position() {
        return next - unread;
    }

    /** Bytes that wait to be read. */
    long unread() {
        return unread;
    }

    /** Bytes that wait for a gap, with {@link #SEGMENT_COST} for each segment. */
    long behindGap() {
        return behind;
    }

    /**
     * Adds a segment.
     *
     * @param data ownership passes to this buffer
     */
    void add(long offset, ByteBuf data) {
        long to = offset + data.readableBytes();
        if (offset == next && segments.isEmpty()) {
            ready.add(data);
            next = to;
            unread += data.readableBytes();
            return;
        }
        try {
            insert(Math.max(offset, next), to, offset, data);
        } finally {
            data.release();
        }
        release();
    }

    private void insert(long from, long to, long offset, ByteBuf data) {
        long at = from;
        int position = firstEndingAbove(from);
        while (at < to) {
            Segment following = position < segments.size() ? segments.get(position) : null;
            if (following != null && following.from() <= at) {
                at = Math.max(at, following.to());
            } else {
                long end = following == null ? to : Math.min(to, following.from());
                segments.add(position, new Segment(at, part(data, (int) (at - offset), (int) (end - at))));
                behind += end - at + SEGMENT_COST;
                at = end;
            }
            position++;
        }
    }

    /** A small part is copied: as a slice it would keep the whole buffer. */
    private static ByteBuf part(ByteBuf data, int skipped, int length) {
        int from = data.readerIndex() + skipped;
        if (length < data.readableBytes() / 2) {
            return data.alloc().heapBuffer(length, length).writeBytes(data, from, length);
        }
        return length == data.readableBytes() ? data.retain() : data.retainedSlice(from, length);
    }

    private int firstEndingAbove(long offset) {
        int low = 0;
        int high = segments.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (segments.get(middle).to() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void release() {
        int released = 0;
        while (released < segments.size() && segments.get(released).from() == next) {
            ByteBuf data = segments.get(released++).data();
            ready.add(data);
            next += data.readableBytes();
            unread += data.readableBytes();
            behind -= data.readableBytes() + SEGMENT_COST;
        }
        segments.subList(0, released).clear();
    }

    /**
     * The next bytes in order.
     *
     * @return owned by the caller; null if there are none
     */
    ByteBuf read() {
        ByteBuf data = ready.poll();
        if (data != null) {
            unread -= data.readableBytes();
        }
        return data;
    }

    /** Releases everything. */
    void clear() {
        ready.forEach(ByteBuf::release);
        ready.clear();
        unread = 0;
        segments.forEach(segment -> segment.data().release());
        segments.clear();
        behind = 0;
    }

    /** Releases everything and goes on at another offset. */
    void skipTo(long offset) {
        clear();
        next = offset;
    }
}
