// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.Arrays;

/** A set of offsets as ascending ranges, {@code from} inclusive, {@code to} exclusive, that neither overlap nor touch. Used by one thread at a time. */
final class OffsetRanges {
    private static final int INITIAL_CAPACITY = 2;

    private long[] froms = new long[INITIAL_CAPACITY];
    private long[] tos = new long[INITIAL_CAPACITY];
    private int count;
    private long length;

    int count() {
        return count;
    }

    long from(int index) {
        return froms[index];
    }

    long to(int index) {
        return tos[index];
    }

    /** Offsets in the set. */
    long length() {
        return length;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether every offset is lower. */
    boolean isBelow(long offset) {
        return count == 0 || tos[count - 1] <= offset;
    }

    void add(long from, long to) {
        if (to <= from) {
            return;
        }
        int first = firstEndingFrom(from);
        int last = first;
        long lower = from;
        long upper = to;
        while (last < count && froms[last] <= to) {
            lower = Math.min(lower, froms[last]);
            upper = Math.max(upper, tos[last]);
            length -= tos[last] - froms[last];
            last++;
        }
        replace(first, last, 1);
        froms[first] = lower;
        tos[first] = upper;
        length += upper - lower;
    }

    void remove(long from, long to) {
        if (to <= from) {
            return;
        }
        int first = firstEndingFrom(from + 1);
        int last = first;
        long lower = Long.MAX_VALUE;
        long upper = Long.MIN_VALUE;
        while (last < count && froms[last] < to) {
            lower = Math.min(lower, froms[last]);
            upper = Math.max(upper, tos[last]);
            length -= tos[last] - froms[last];
            last++;
        }
        if (last == first) {
            return;
        }
        boolean left = lower < from;
        boolean right = upper > to;
        replace(first, last, (left ? 1 : 0) + (right ? 1 : 0));
        if (left) {
            froms[first] = lower;
            tos[first] = from;
            length += from - lower;
        }
        if (right) {
            int at = left ? first + 1 : first;
            froms[at] = to;
            tos[at] = upper;
            length += upper - to;
        }
    }

    void addAll(OffsetRanges others) {
        for (int i = 0; i < others.count; i++) {
            add(others.froms[i], others.tos[i]);
        }
    }

    void removeAll(OffsetRanges others) {
        for (int i = 0; i < others.count; i++) {
            remove(others.froms[i], others.tos[i]);
        }
    }

    void clear() {
        count = 0;
        length = 0;
    }

    /** Index of the first range that ends at {@code offset} or above. */
    private int firstEndingFrom(long offset) {
        if (count == 0 || tos[count - 1] < offset) {
            return count;
        }
        int at = Arrays.binarySearch(tos, 0, count, offset);
        return at < 0 ? -at - 1 : at;
    }

    /** Replaces the ranges from {@code first} until {@code last} by {@code size} others, which the caller sets. */
    private void replace(int first, int last, int size) {
        int total = count - (last - first) + size;
        if (total > froms.length) {
            froms = Arrays.copyOf(froms, 2 * total);
            tos = Arrays.copyOf(tos, 2 * total);
        }
        System.arraycopy(froms, last, froms, first + size, count - last);
        System.arraycopy(tos, last, tos, first + size, count - last);
        count = total;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append('[').append(froms[i]).append(',').append(tos[i]).append(')');
        }
        return text.toString();
    }
}
