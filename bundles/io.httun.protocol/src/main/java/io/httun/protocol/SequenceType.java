// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

/** The top two bits of a sequence number ({@code wire/httun.md} section 4). The ordinal is the value on the wire. */
public enum SequenceType {
    /** The server's replies on {@code r}. */
    A,
    /** The client's data on {@code w}. */
    B,
    /** The client's requests on {@code r}. */
    C,
    /** Not used. */
    D;

    private static final int SHIFT = 62;

    /** Mask of the number: 62 bits. */
    public static final long NUMBER_MASK = (1L << SHIFT) - 1;

    /** The whole sequence field for a number of this type. */
    public long with(long number) {
        return (long) ordinal() << SHIFT | number & NUMBER_MASK;
    }

    /** Whether a sequence field is of this type. */
    public boolean isTypeOf(long sequence) {
        return sequence >>> SHIFT == ordinal();
    }

    /** The number in a sequence field, 0 to 2^62 - 1. */
    public static long number(long sequence) {
        return sequence & NUMBER_MASK;
    }
}
