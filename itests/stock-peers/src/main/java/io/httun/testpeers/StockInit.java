// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The payload of an Init frame: who sends it and its ephemeral X25519 public key (32 bytes). */
record StockInit(UUID uuid, byte[] publicKey) {

    private static final int LENGTH = 16 + 32;

    byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .put(publicKey)
                .array();
    }

    /** The Init frame, sealed under the init key; its sequence field is all ones. */
    byte[] seal(byte[] initKey) throws StockException {
        return new StockFrame(true, StockOperation.INIT, -1, toBytes()).seal(initKey);
    }

    static StockInit open(byte[] frame, byte[] initKey) throws StockException {
        StockFrame opened = StockFrame.open(frame, initKey);
        if (!opened.init() || opened.operation() != StockOperation.INIT || opened.payload().length != LENGTH) {
            throw new StockException("got " + opened.operation() + " with " + opened.payload().length
                    + " bytes, expected INIT with " + LENGTH);
        }
        ByteBuffer buffer = ByteBuffer.wrap(opened.payload());
        UUID uuid = new UUID(buffer.getLong(), buffer.getLong());
        byte[] publicKey = new byte[32];
        buffer.get(publicKey);
        return new StockInit(uuid, publicKey);
    }
}
