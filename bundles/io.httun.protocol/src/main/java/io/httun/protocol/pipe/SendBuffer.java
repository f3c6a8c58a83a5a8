// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The bytes of one direction at the end that sends them, by offset, from the first that is not acknowledged to the last that
 * was written. Lost ranges are sent before anything new. Used by one thread at a time.
 */
final class SendBuffer {
    /** Writes up to this length are copied into a shared buffer: a buffer for each would cost more. */
    private static final int SMALL_WRITE = 1 << 10;

    private static final int SHARED_CHUNK = 8 << 10;
    private static final int INITIAL_CHUNKS = 16;

    private final ByteBufAllocator allocator;
    private final int limit;
    private final OffsetRanges lost = new OffsetRanges();
    private final OffsetRanges acknowledged = new OffsetRanges();
    private ByteBuf[] chunks = new ByteBuf[INITIAL_CHUNKS];
    private long[] starts = new long[INITIAL_CHUNKS];
    private int first;
    private int count;
    private boolean lastIsShared;
    private long base;
    private long next;
    private long end;

    /** @param limit bytes above the first unacknowledged one that may be sent */
    SendBuffer(ByteBufAllocator allocator, int limit) {
        this.allocator = allocator;
        this.limit = limit;
    }

    /** Offset of the first byte that is not acknowledged. */
    long base() {
        return base;
    }

    /** Offset of the first byte that was never sent. */
    long sent() {
        return next;
    }

    /** Bytes that are kept. */
    long retained() {
        return end - base;
    }

    /** Bytes that were never sent. */
    long unsent() {
        return end - next;
    }

    /** Bytes that may be sent now: lost ones, and new ones within the limit. */
    long sendable() {
        return lost.length() + Math.max(0, Math.min(end, base + limit) - next);
    }

    /** Whether the first unacknowledged byte, for which all others wait, was lost and is to be sent again. */
    boolean isFirstLost() {
        return !lost.isEmpty() && lost.from(0) == base;
    }

    /** Appends bytes; ownership passes to this buffer. */
    void append(ByteBuf data) {
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
            return;
        }
        if (length > SMALL_WRITE) {
            push(data, false);
        } else {
            try {
                if (!lastIsShared || chunks[index(count - 1)].writableBytes() < length) {
                    push(allocator.heapBuffer(SHARED_CHUNK, SHARED_CHUNK), true);
                }
                chunks[index(count - 1)].writeBytes(data);
            } finally {
                data.release();
            }
        }
        end += length;
    }

    private void push(ByteBuf chunk, boolean shared) {
        if (count == chunks.length) {
            ByteBuf[] moreChunks = new ByteBuf[2 * count];
            long[] moreStarts = new long[2 * count];
            for (int i = 0; i < count; i++) {
                moreChunks[i] = chunks[index(i)];
                moreStarts[i] = starts[index(i)];
            }
            chunks = moreChunks;
            starts = moreStarts;
            first = 0;
        }
        int at = index(count++);
        chunks[at] = chunk;
        starts[at] = end;
        lastIsShared = shared;
    }

    private int index(int position) {
        return first + position & chunks.length - 1;
    }

    /**
     * Writes an offset and the bytes from there on to a frame.
     *
     * @param room bytes that may be written, the offset included
     * @param carried gets the range
     * @return bytes of data; 0 if nothing was written
     */
    int fill(ByteBuf frame, int room, OffsetRanges carried) {
        int most = room - PipeFrames.DATA_HEADER;
        if (most < 1) {
            return 0;
        }
        long from;
        long to;
        if (!lost.isEmpty()) {
            from = lost.from(0);
            to = Math.min(lost.to(0), from + most);
            lost.remove(from, to);
        } else {
            from = next;
            to = Math.min(Math.min(end, base + limit), from + most);
            if (to <= from) {
                return 0;
            }
            next = to;
        }
        frame.writeLong(from);
        copy(from, to, frame);
        carried.add(from, to);
        return (int) (to - from);
    }

    private void copy(long from, long to, ByteBuf out) {
        int position = chunkOf(from);
        for (long at = from; at < to; position++) {
            ByteBuf chunk = chunks[index(position)];
            int skipped = (int) (at - starts[index(position)]);
            int length = (int) Math.min(to - at, chunk.readableBytes() - skipped);
            out.writeBytes(chunk, chunk.readerIndex() + skipped, length);
            at += length;
        }
    }

    private int chunkOf(long offset) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (starts[index(middle)] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The peer has these ranges. */
    void acknowledge(OffsetRanges ranges) {
        lost.removeAll(ranges);
        for (int i = 0; i < ranges.count(); i++) {
            acknowledged.add(Math.max(base, ranges.from(i)), ranges.to(i));
        }
        if (!acknowledged.isEmpty() && acknowledged.from(0) <= base) {
            release(acknowledged.to(0));
        }
    }

    /**
     * The peer has every byte below.
     *
     * @return whether that is news
     * @throws FrameException if they were not all sent
     */
    boolean acknowledgeBelow(long offset) {
        if (offset > next) {
            throw new FrameException("peer has received " + offset + " bytes, but only " + next + " were sent");
        }
        if (offset <= base) {
            return false;
        }
        lost.remove(base, offset);
        release(offset);
        return true;
    }

    private void release(long to) {
        acknowledged.remove(base, to);
        base = to;
        while (count > 0) {
            ByteBuf chunk = chunks[first];
            if (starts[first] + chunk.readableBytes() > base) {
                return;
            }
            chunks[first] = null;
            first = index(1);
            count--;
            chunk.release();
        }
        lastIsShared = false;
    }

    /** These ranges did not arrive, as far as is known; they are sent again, unless they are acknowledged. */
    void lose(OffsetRanges ranges) {
        for (int i = 0; i < ranges.count(); i++) {
            lost.add(Math.max(base, ranges.from(i)), ranges.to(i));
        }
        lost.removeAll(acknowledged);
    }

    /** Releases everything. */
    void clear() {
        lost.clear();
        acknowledged.clear();
        next = end;
        release(end);
    }

    /** Releases everything and goes on at a higher offset. Ranges below it are taken for acknowledged. */
    void skipTo(long offset) {
        clear();
        base = offset;
        next = offset;
        end = offset;
    }
}
