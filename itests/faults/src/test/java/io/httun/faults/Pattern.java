// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

/** Bytes that depend on their place in a stream, and on the stream. */
final class Pattern {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
    private static final long MIX = 0xBF58_476D_1CE4_E5B9L;

    private final long seed;

    private Pattern(long seed) {
        this.seed = seed;
    }

    static Pattern up(long id) {
        return new Pattern(2 * id);
    }

    static Pattern down(long id) {
        return new Pattern(2 * id + 1);
    }

    private byte at(long position) {
        long word = (seed * GOLDEN + (position >>> 3)) * MIX;
        word ^= word >>> 29;
        return (byte) (word * GOLDEN >>> 8 * (position & 7));
    }

    byte[] bytes(long from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(from + i);
        }
        return bytes;
    }

    /** Fails if they are not those that belong here. */
    void check(String what, long from, byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != at(from + i)) {
                throw new WrongBytes(what + ": wrong byte at " + (from + i));
            }
        }
    }

    /** What must never happen. */
    static final class WrongBytes extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongBytes(String message) {
            super(message);
        }
    }
}
