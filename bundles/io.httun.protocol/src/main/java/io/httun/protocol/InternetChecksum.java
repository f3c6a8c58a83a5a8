// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The checksum of IP, TCP, UDP and ICMP (RFC 1071). A sum is a {@code long} that is handed from part to part, each of which begins at
 * an even offset of the checksummed data, and is folded at the end.
 */
public final class InternetChecksum {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long LOW = 0xffff_ffffL;
    private static final int FIELD = 0xffff;

    private InternetChecksum() {}

    /**
     * Adds bytes to a sum; an odd one at the end counts as the upper half of a 16-bit word.
     *
     * @param sum 0 at first
     */
    public static long add(long sum, byte[] array, int offset, int length) {
        int at = offset;
        int end = offset + length;
        // Sums of 32-bit halves in 64 bits: 65,535 bytes cannot make them overflow, so no carry is checked.
        long total = (sum & LOW) + (sum >>> Integer.SIZE);
        for (int last = end - Long.BYTES; at <= last; at += Long.BYTES) {
            long eight = (long) LONGS.get(array, at);
            total += (eight & LOW) + (eight >>> Integer.SIZE);
        }
        for (int shift = Integer.SIZE + Short.SIZE + Byte.SIZE; at < end; at++, shift -= Byte.SIZE) {
            long tail = (array[at] & 0xffL) << shift;
            total += (tail & LOW) + (tail >>> Integer.SIZE);
        }
        return total;
    }

    /** Adds a number of at most 32 bits, for example a pseudo header's length. */
    public static long add(long sum, long value) {
        return sum + (value & LOW);
    }

    /** The sum in 16 bits, not inverted: what an offload leaves in a checksum field for a pseudo header. */
    public static int fold(long sum) {
        long folded = (sum & LOW) + (sum >>> Integer.SIZE);
        while (folded > FIELD) {
            folded = (folded & FIELD) + (folded >>> Short.SIZE);
        }
        return (int) folded;
    }

    /** The value of the checksum field; data with this field sums up to 0. */
    public static int finish(long sum) {
        return ~fold(sum) & FIELD;
    }
}
