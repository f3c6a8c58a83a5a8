// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A transfer as the client orders it of the target, in the first bytes that it sends.
 *
 * @param id of the transfer and of its bytes
 * @param up bytes to the target behind the order
 * @param down bytes from the target before those that say that all came
 * @param halfClose whether the client ends its output behind its bytes, and the target waits for that
 */
record Order(long id, int up, int down, boolean halfClose) {
    static final int LENGTH = 20;

    /** What the target sends when it has everything, so that who has these knows. */
    static final int RECEIPT = 8;

    byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(id)
                .putInt(up)
                .putInt(halfClose ? -down - 1 : down)
                .putInt(0x0DE2)
                .array();
    }

    static Order read(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long id = buffer.getLong();
        int up = buffer.getInt();
        int down = buffer.getInt();
        if (buffer.getInt() != 0x0DE2) {
            throw new Pattern.WrongBytes(
                    "the first bytes are no order: " + HexFormat.of().formatHex(bytes));
        }
        return new Order(id, up, down < 0 ? -down - 1 : down, down < 0);
    }
}
