// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.KeyAgreement;
import io.netty.buffer.ByteBuf;
import java.util.UUID;

/**
 * Payload of init frames ({@code wire/httun.md} section 2).
 *
 * @param sender the sender's UUID; {@link PeerId} says what it tells of our own ends
 * @param publicKey the sender's X25519 public key, 32 bytes
 */
public record InitPayload(UUID sender, byte[] publicKey) {
    /** Exact length in bytes. */
    public static final int LENGTH = 2 * Long.BYTES + KeyAgreement.LENGTH;

    /** @throws FrameException if the payload is not exactly 48 bytes long */
    public static InitPayload read(ByteBuf payload) {
        if (payload.readableBytes() != LENGTH) {
            throw new FrameException("init payload of " + payload.readableBytes() + " bytes, expected " + LENGTH);
        }
        int at = payload.readerIndex();
        byte[] publicKey = new byte[KeyAgreement.LENGTH];
        payload.getBytes(at + 2 * Long.BYTES, publicKey);
        return new InitPayload(new UUID(payload.getLong(at), payload.getLong(at + Long.BYTES)), publicKey);
    }

    /** Appends the 48 bytes. */
    public void write(ByteBuf payload) {
        payload.writeLong(sender.getMostSignificantBits());
        payload.writeLong(sender.getLeastSignificantBits());
        payload.writeBytes(publicKey);
    }
}
