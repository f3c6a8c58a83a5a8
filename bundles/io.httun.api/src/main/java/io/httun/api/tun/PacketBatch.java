// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import java.util.Arrays;

/**
 * A list of IP packets, each a part of a {@code byte[]}. To be filled, handed on, cleared and filled again: once it has grown to its working size it
 * allocates nothing. Holds references only and never copies a packet; who owns the arrays says who hands the batch out. Not thread-safe.
 */
public final class PacketBatch {
    private byte[][] arrays;
    private int[] offsets;
    private int[] lengths;
    private int size;

    /** @param capacity packets to begin with; grows as needed */
    public PacketBatch(int capacity) {
        arrays = new byte[Math.max(1, capacity)][];
        offsets = new int[arrays.length];
        lengths = new int[arrays.length];
    }

    /**
     * Adds a packet.
     *
     * @throws IndexOutOfBoundsException if that is no part of {@code array}
     */
    public void add(byte[] array, int offset, int length) {
        if ((offset | length) < 0 || length > array.length - offset) {
            throw new IndexOutOfBoundsException(offset + " + " + length + " of " + array.length);
        }
        if (size == arrays.length) {
            grow();
        }
        arrays[size] = array;
        offsets[size] = offset;
        lengths[size] = length;
        size++;
    }

    private void grow() {
        arrays = Arrays.copyOf(arrays, size * 2);
        offsets = Arrays.copyOf(offsets, size * 2);
        lengths = Arrays.copyOf(lengths, size * 2);
    }

    /** Packets in this batch. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The array that holds packet {@code index}; not to be changed unless it is the caller's own. */
    public byte[] array(int index) {
        return arrays[index];
    }

    /** Where packet {@code index} begins in its array. */
    public int offset(int index) {
        return offsets[index];
    }

    /** Bytes of packet {@code index}. */
    public int length(int index) {
        return lengths[index];
    }

    /** Forgets all packets but the first {@code count}. */
    public void truncate(int count) {
        Arrays.fill(arrays, count, size, null);
        size = count;
    }

    /** Forgets the packets, and the arrays with them. */
    public void clear() {
        truncate(0);
    }
}
