// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;

/** A stream of bytes whose period is a prime, so that a lost, repeated or moved frame is seen at once. */
final class BulkPattern {
    private static final int PERIOD = 65_521;
    private static final int CHUNK = 256 << 10;
    private static final byte[] BYTES = new byte[CHUNK + PERIOD];

    static {
        byte[] period = new byte[PERIOD];
        new Random(1).nextBytes(period);
        for (int at = 0; at < BYTES.length; at += PERIOD) {
            System.arraycopy(period, 0, BYTES, at, Math.min(PERIOD, BYTES.length - at));
        }
    }

    private BulkPattern() {}

    static void write(OutputStream out, long length) throws IOException {
        for (long at = 0; at < length; at += CHUNK) {
            out.write(BYTES, (int) (at % PERIOD), (int) Math.min(CHUNK, length - at));
        }
    }

    static void check(InputStream in, long length) throws IOException {
        byte[] buffer = new byte[CHUNK];
        for (long at = 0; at < length; ) {
            int read = in.read(buffer, 0, (int) Math.min(CHUNK, length - at));
            if (read < 0) {
                throw new EOFException("ended after " + at + " of " + length + " bytes");
            }
            int from = (int) (at % PERIOD);
            int wrong = Arrays.mismatch(buffer, 0, read, BYTES, from, from + read);
            if (wrong >= 0) {
                throw new IOException("byte " + (at + wrong) + " of " + length + " is wrong");
            }
            at += read;
        }
    }
}
