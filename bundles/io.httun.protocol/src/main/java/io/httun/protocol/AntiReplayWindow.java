// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.Arrays;

/**
 * Replay protection for parallel requests: a sliding window over the highest {@value #LENGTH} numbers (RFC 4303 section
 * 3.4.3, as a bitmap like RFC 6479). Takes every number inside the window or above it once, in any order. It needs 8 KiB,
 * where a {@link SequenceWindow} of this length needs 512 KiB. Used by one thread at a time.
 */
public final class AntiReplayWindow {
    /** Numbers that the window spans. */
    public static final int LENGTH = 65_536;

    private final SequenceType type;
    private final long[] taken = new long[LENGTH / Long.SIZE];
    private long highest = -1;

    public AntiReplayWindow(SequenceType type) {
        this.type = type;
    }

    /** Whether a sequence field could be taken now; changes nothing. */
    public boolean accepts(long sequence) {
        long number = SequenceType.number(sequence);
        return type.isTypeOf(sequence) && (number > highest || highest - number < LENGTH && !isSet(number));
    }

    /** Takes a sequence field. Returns false, and changes nothing, if it must be refused. */
    public boolean take(long sequence) {
        if (!accepts(sequence)) {
            return false;
        }
        long number = SequenceType.number(sequence);
        if (number > highest) {
            slide(number);
        }
        taken[word(number)] |= 1L << number;
        return true;
    }

    private void slide(long number) {
        if (number - highest >= LENGTH) {
            Arrays.fill(taken, 0);
        } else {
            for (long skipped = highest + 1; skipped <= number; skipped++) {
                taken[word(skipped)] &= ~(1L << skipped);
            }
        }
        highest = number;
    }

    private boolean isSet(long number) {
        return (taken[word(number)] & 1L << number) != 0;
    }

    private static int word(long number) {
        return (int) (number & LENGTH - 1) / Long.SIZE;
    }
}
