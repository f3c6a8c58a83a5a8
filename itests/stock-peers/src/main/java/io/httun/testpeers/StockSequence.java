// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.TreeSet;

/**
 * The sequence numbers of one type: what a stock peer draws and what it accepts (wire protocol, section 4). The check
 * keeps the set of the last accepted numbers; anything at or below the smallest of them is refused, even while the set
 * is nearly empty, so the first number to arrive sets the floor.
 */
public final class StockSequence {

    /** Which way a number goes; the wire's top two bits are the ordinal. */
    public enum Type {
        /** The server's replies on {@code r}. */
        A,
        /** The client's data on {@code w}. */
        B,
        /** The client's requests on {@code r}. */
        C,
        /** Unused. */
        D;

        /** The number as it stands in a frame. */
        public long number(long counter) {
            return (long) ordinal() << 62 | counter;
        }
    }

    private static final long COUNTER_BITS = (1L << 62) - 1;

    private final Type type;
    private final int window;
    private final TreeSet<Long> accepted = new TreeSet<>();
    private long next;

    StockSequence(Type type, int window) {
        this.type = type;
        this.window = window;
    }

    synchronized long draw() {
        return type.number(next++);
    }

    synchronized void reset() {
        next = 0;
        accepted.clear();
    }

    synchronized void accept(long sequence) throws StockException {
        long counter = sequence & COUNTER_BITS;
        if (type.number(counter) != sequence) {
            throw new StockException("sequence " + Long.toHexString(sequence) + " is not of type " + type);
        }
        if (!accepted.isEmpty() && counter <= accepted.first()) {
            throw new StockException("sequence " + counter + " is at or below the floor " + accepted.first());
        }
        if (!accepted.add(counter)) {
            throw new StockException("sequence " + counter + " came before");
        }
        if (accepted.size() > window) {
            accepted.pollFirst();
        }
    }
}
