// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.Arrays;

/**
 * The last requests of one of our clients that were answered without a frame. Such an answer may get lost, and the
 * client then asks with the same number again.
 */
final class Reopened {
    private static final long NONE = -1;

    private final long[] sequences = new long[4];
    private int next;

    Reopened() {
        Arrays.fill(sequences, NONE);
    }

    void add(long sequence) {
        sequences[next] = sequence;
        next = (next + 1) % sequences.length;
    }

    boolean remove(long sequence) {
        for (int i = 0; i < sequences.length; i++) {
            if (sequences[i] == sequence && sequence != NONE) {
                sequences[i] = NONE;
                return true;
            }
        }
        return false;
    }
}
