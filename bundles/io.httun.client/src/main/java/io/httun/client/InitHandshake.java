// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.Serials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * The cryptography of one init request: seals its message and derives the session's keys from the reply, with the same providers even if
 * they have been removed meanwhile. Confined to one thread.
 */
final class InitHandshake implements AutoCloseable {
    /** @param offersPipes whether the server could carry a pipe, even if none was requested */
    record Result(SessionKeys keys, boolean offersPipes) {}

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long ANY_SEQUENCE = -1;

    private final ClientContext context;
    private final UUID id;
    private final FrameCipher cipher;
    private final KeyAgreement agreement;
    private final EphemeralKeyPair pair;
    private final long serial;

    /**
     * @param node that must answer, 0 for any
     * @throws HttunException if there is no key pair
     */
    InitHandshake(ClientContext context, UUID id, int node, FrameCipher cipher, KeyAgreement agreement) {
        this.context = context;
        this.id = id;
        this.cipher = cipher;
        this.agreement = agreement;
        this.pair = agreement.generate();
        this.serial = Serials.of(RANDOM.nextLong(), node);
    }

    /** The serial of the request's path. */
    long serial() {
        return serial;
    }

    /**
     * Returns the frame of the request.
     *
     * @throws HttunException if the secret has protected too many inits
     */
    ByteBuf seal() {
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        new InitPayload(id, pair.publicKey()).write(frame);
        if (!context.initLife().use(InitPayload.LENGTH + Frame.OVERHEAD)) {
            frame.release();
            throw new HttunException(
                    "the channel's secret has protected as many inits as it may: configure a new one at both ends");
        }
        FrameKey key = initKey();
        try {
            return Frame.seal(cipher, key, context.surroundings().nonces(), Operation.INIT, ANY_SEQUENCE, frame);
        } finally {
            key.destroy();
        }
    }

    private FrameKey initKey() {
        return KeySchedule.initKey(agreement, context.settings().secret());
    }

    /**
     * Opens the reply; the caller releases it.
     *
     * @throws HttunException if it is no init frame under the channel's secret
     */
    Result open(ByteBuf reply) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(Math.max(1, reply.readableBytes()));
        FrameKey key = initKey();
        try {
            Frame frame = Frame.open(cipher, key, reply, out);
            if (frame == null || frame.operation() != Operation.INIT) {
                throw new FrameException("got " + reply.readableBytes() + " bytes, expected an init frame");
            }
            InitPayload answer = InitPayload.read(frame.payload());
            FrameKey session =
                    KeySchedule.sessionKey(agreement, context.settings().secret(), pair, answer.publicKey());
            SessionKeys keys = new SessionKeys(
                    context.surroundings(),
                    session,
                    PeerProtocol.of(id, answer.sender()),
                    context.settings().windowLength(),
                    serial);
            return new Result(keys, (PeerId.capabilities(answer.sender()) & PeerId.PIPE) != 0);
        } finally {
            key.destroy();
            out.release();
        }
    }

    /** Destroys the key pair. */
    @Override
    public void close() {
        pair.close();
    }
}
