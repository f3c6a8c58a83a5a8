// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.Problem;
import io.httun.toolkit.config.ChannelSecrets;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The valid secrets of a channel. During a rotation there are two, until a client has used the next one, which only a valid data
 * frame proves, or the time is over. Sessions that began under the old secret go on.
 */
final class Rotation {
    private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);

    private static final String REMEDY =
            "correct the permissions of the folder, or leave in the file only the 64 hex digits behind next";

    private final String channel;
    private final ChannelSecrets secrets;
    private final SharedSecret nobodys = random(new SecureRandom());
    private final Set<Session> underNext = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private volatile boolean ended;
    private volatile String unwritten = "";

    Rotation(String channel, ChannelSecrets secrets) {
        this.channel = channel;
        this.secrets = secrets;
    }

    /** A secret that nobody has. */
    static SharedSecret random(SecureRandom random) {
        byte[] secret = new byte[SharedSecret.LENGTH];
        random.nextBytes(secret);
        return SharedSecret.ofHex(HexFormat.of().formatHex(secret));
    }

    /** Always two secrets, of which nobody has the second without a rotation. */
    List<SharedSecret> valid() {
        SharedSecret next = secrets.next().map(ChannelSecrets.Next::secret).orElse(nobodys);
        return ended ? List.of(next, nobodys) : List.of(secrets.current(), next);
    }

    /** When the old secret is dropped at the latest; empty without a rotation. */
    Optional<Instant> until() {
        return ended ? Optional.empty() : secrets.next().map(ChannelSecrets.Next::until);
    }

    void began(Session session, SharedSecret under) {
        if (until().isPresent() && !under.equals(secrets.current())) {
            underNext.add(session);
        }
    }

    boolean isDue(Instant now) {
        return until().filter(end -> !now.isBefore(end) || isNextUsed()).isPresent();
    }

    private boolean isNextUsed() {
        synchronized (underNext) {
            return underNext.stream().anyMatch(session -> session.state() == Session.State.CONFIRMED);
        }
    }

    /** Drops the old secret. Returns false if it has been dropped. */
    boolean end() {
        if (ended) {
            return false;
        }
        LOG.info(
                "Channel {}: {}: its old secret is no longer valid",
                channel,
                isNextUsed() ? "a client uses the new secret" : "the rotation's time is over");
        ended = true;
        underNext.clear();
        return true;
    }

    /** Drops the old secret on disk. */
    void write() {
        try {
            secrets.complete();
            unwritten = "";
        } catch (IOException e) {
            String what = secrets.file().orElseThrow() + " cannot be written (" + e
                    + "): a restart would take the old secret again";
            if (unwritten.isEmpty()) {
                LOG.error("Channel {}: {}; {}", channel, what, REMEDY);
            }
            unwritten = what;
        }
    }

    /** The old secret is not dropped on disk yet. */
    Optional<Problem> problem() {
        String what = unwritten;
        return what.isEmpty() ? Optional.empty() : Optional.of(new Problem("channel " + channel, what, REMEDY));
    }
}
