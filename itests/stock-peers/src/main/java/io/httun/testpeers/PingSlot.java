// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The test operations: the last ping is kept until an {@code r} takes it as a pong; an empty one is never answered. */
final class PingSlot {

    private static final byte[] EMPTY = {};

    private final AtomicReference<byte[]> last = new AtomicReference<>(EMPTY);
    private final Signal arrived = new Signal();

    void put(byte[] payload) {
        last.set(payload);
        arrived.raise();
    }

    Optional<byte[]> takePong(Deadline deadline) throws InterruptedException {
        while (arrived.await(deadline)) {
            byte[] ping = last.getAndSet(EMPTY);
            if (ping.length > 0) {
                ByteArrayOutputStream pong = new ByteArrayOutputStream(ping.length + 6);
                pong.writeBytes("Pong: ".getBytes(StandardCharsets.US_ASCII));
                pong.writeBytes(ping);
                return Optional.of(pong.toByteArray());
            }
        }
        return Optional.empty();
    }
}
