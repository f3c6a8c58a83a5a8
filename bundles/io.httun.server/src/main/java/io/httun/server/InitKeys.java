// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.Problem;
import io.httun.protocol.KeyLife;
import io.httun.protocol.KeySchedule;
import io.httun.toolkit.config.ChannelSecrets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The keys under which a channel takes inits, during a rotation of its secret too. Thread-safe. */
final class InitKeys {
    /** A key, and the secret that it was made from. */
    record InitKey(SharedSecret secret, FrameKey key) {}

    private final Parts parts;
    private volatile KeyLife life;
    private volatile Rotation rotation;
    private volatile List<InitKey> keys;
    private ChannelSecrets secrets;

    InitKeys(Parts parts) {
        this.parts = parts;
        this.life = parts.keyLives().get();
    }

    /** @param channel name for the log */
    synchronized void change(String channel, ChannelSecrets next) {
        if (secrets != null && !secrets.current().equals(next.current())) {
            life = parts.keyLives().get();
        }
        secrets = next;
        rotation = new Rotation(channel, next);
        keys = null;
    }

    /**
     * The keys to try for an init. They are made at first use, since the crypto service may come later than the channel. There are always
     * two, or the time of a refusal would tell of a rotation: without a rotation, nobody has the secret of the second.
     */
    List<InitKey> get(KeyAgreement agreement) {
        List<InitKey> current = keys;
        if (current == null) {
            synchronized (this) {
                current = keys;
                if (current == null) {
                    current = rotation.valid().stream()
                            .map(secret -> new InitKey(secret, KeySchedule.initKey(agreement, secret)))
                            .toList();
                    keys = current;
                }
            }
        }
        return current;
    }

    /** Counts an init and its answer, together {@code length} bytes. Returns whether the key may protect them. */
    boolean use(int length) {
        return life.use(2, length);
    }

    /** A session was made for an init under this key. */
    void began(Session session, InitKey under) {
        rotation.began(session, under.secret());
    }

    /** When the old secret is dropped at the latest; empty without a rotation. */
    Optional<Instant> rotationEnd() {
        return rotation.until();
    }

    /** Refuses the old secret from now on if the rotation is over. The file follows, and with it the settings. */
    void tick(Instant now) {
        if (rotation.isDue(now)) {
            endRotation();
        } else if (problem().isPresent()) {
            parts.usages().run(rotation::write);
        }
    }

    Optional<Problem> problem() {
        return rotation.problem();
    }

    private synchronized void endRotation() {
        Rotation ending = rotation;
        if (ending.end()) {
            keys = null;
            parts.usages().run(ending::write);
        }
    }
}
