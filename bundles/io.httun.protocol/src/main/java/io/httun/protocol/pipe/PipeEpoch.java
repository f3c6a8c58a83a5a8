// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

/**
 * The parts into which the offsets of a pipe are cut ({@code docs/wire.md}, "Epochs"). What runs in a pipe begins anew in the next epoch;
 * session, keys and HTTP connections stay.
 */
final class PipeEpoch {
    /** The last one; offsets stay below 2^63. */
    static final int LAST = 127;

    /** 64 PiB an epoch: two years at 1 GiB/s. */
    private static final int OFFSET_BITS = 56;

    private PipeEpoch() {}

    static int of(long offset) {
        return (int) (offset >>> OFFSET_BITS);
    }

    /** Offset of the first byte. */
    static long start(int epoch) {
        return (long) epoch << OFFSET_BITS;
    }
}
