// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.BitSet;

/**
 * Replay protection as a sliding window (RFC 4303 section 3.4.3): takes every number above the highest less the window's
 * length that was not taken before, and none twice. It takes whatever a stock receiver takes, and more
 * ({@code wire/httun.md} section 4). Used by one thread at a time.
 */
public final class SequenceWindow {
    /** Longest window that may be configured. */
    public static final int MAX_LENGTH = 32_767;

    private final SequenceType type;
    private final int length;
    private final BitSet taken;
    private long highest = -1;

    /** @param length how far behind the highest number one may still be, 1 to {@link #MAX_LENGTH} */
    public SequenceWindow(SequenceType type, int length) {
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("window length " + length + ", expected 1 to " + MAX_LENGTH);
        }
        this.type = type;
        this.length = length;
        this.taken = new BitSet(length);
    }

    /** Whether a sequence field could be taken now; changes nothing. */
    public boolean accepts(long sequence) {
        long number = SequenceType.number(sequence);
        return type.isTypeOf(sequence)
                && (number > highest || number > highest - length && !taken.get((int) (number % length)));
    }

    /** Takes a sequence field. Returns false, and changes nothing, if it must be refused. */
    public boolean take(long sequence) {
        if (!accepts(sequence)) {
            return false;
        }
        long number = SequenceType.number(sequence);
        if (number - highest >= length) {
            taken.clear();
            highest = number;
        }
        while (highest < number) {
            highest++;
            taken.clear((int) (highest % length));
        }
        taken.set((int) (number % length));
        return true;
    }

    /** Whether a sequence field of this type was taken before, as far as the window remembers. */
    public boolean wasTaken(long sequence) {
        return type.isTypeOf(sequence) && !accepts(sequence);
    }
}
