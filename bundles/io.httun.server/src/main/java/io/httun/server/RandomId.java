// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.concurrent.ThreadLocalRandom;

/** Random names for logs and the shell, which reveal nothing about a peer. */
final class RandomId {
    private RandomId() {}

    static String next() {
        return String.format("%08x", ThreadLocalRandom.current().nextInt());
    }
}
