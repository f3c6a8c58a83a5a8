// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

/**
 * Replay protection ({@code wire/httun.md} section 4): remembers the highest numbers taken, as many as the window is long,
 * and takes any number that it does not remember and that is above all it has forgotten. So it takes whatever a stock
 * receiver takes, however large the gaps, whatever a sliding window of that length takes (RFC 4303 section 3.4.3), and no
 * number twice. Used by one thread at a time.
 */
public final class SequenceWindow {
    /** Longest window that may be configured. */
    public static final int MAX_LENGTH = 32_767;

    private static final int INITIAL_CAPACITY = 64;

    private final SequenceType type;
    private final int length;
    // Rising from index start on, around the end of the array.
    private long[] remembered;
    private int start;
    private int count;
    private long forgotten = -1;

    /** @param length how many numbers it remembers, 1 to {@link #MAX_LENGTH} */
    public SequenceWindow(SequenceType type, int length) {
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("window length " + length + ", expected 1 to " + MAX_LENGTH);
        }
        this.type = type;
        this.length = length;
        this.remembered = new long[Math.min(length, INITIAL_CAPACITY)];
    }

    /** Whether a sequence field could be taken now; changes nothing. */
    public boolean accepts(long sequence) {
        return type.isTypeOf(sequence) && accepts(SequenceType.number(sequence), below(SequenceType.number(sequence)));
    }

    /** Takes a sequence field. Returns false, and changes nothing, if it must be refused. */
    public boolean take(long sequence) {
        long number = SequenceType.number(sequence);
        int below = below(number);
        if (!type.isTypeOf(sequence) || !accepts(number, below)) {
            return false;
        }
        if (count < length) {
            insert(number, below);
        } else if (below == 0) {
            forgotten = number;
        } else {
            forgotten = remembered[start];
            start = index(1);
            count--;
            insert(number, below - 1);
        }
        return true;
    }

    private boolean accepts(long number, int below) {
        return number > forgotten && (below == count || remembered[index(below)] != number);
    }

    /** Count of the remembered numbers that are lower. The usual case, all of them, is checked first. */
    private int below(long number) {
        if (count == 0 || remembered[index(count - 1)] < number) {
            return count;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (remembered[index(middle)] < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void insert(long number, int position) {
        if (count == remembered.length) {
            grow();
        }
        for (int i = count; i > position; i--) {
            remembered[index(i)] = remembered[index(i - 1)];
        }
        remembered[index(position)] = number;
        count++;
    }

    private void grow() {
        long[] larger = new long[Math.min(length, 2 * count)];
        for (int i = 0; i < count; i++) {
            larger[i] = remembered[index(i)];
        }
        remembered = larger;
        start = 0;
    }

    private int index(int position) {
        int index = start + position;
        return index < remembered.length ? index : index - remembered.length;
    }
}
