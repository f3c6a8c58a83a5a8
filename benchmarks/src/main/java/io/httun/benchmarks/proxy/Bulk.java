// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import java.io.IOException;
import java.net.Socket;

/** Moves bytes that nobody looks at: the end-to-end tests check them. */
final class Bulk {
    private Bulk() {}

    static void write(Socket socket, byte[] block, long length) throws IOException {
        for (long rest = length; rest > 0; rest -= block.length) {
            socket.getOutputStream().write(block, 0, (int) Math.min(block.length, rest));
        }
    }

    static void read(Socket socket, byte[] block, long length) throws IOException {
        for (long rest = length; rest > 0; ) {
            int read = socket.getInputStream().read(block, 0, (int) Math.min(block.length, rest));
            if (read < 0) {
                throw new IOException("ended with " + rest + " of " + length + " bytes to come");
            }
            rest -= read;
        }
    }
}
