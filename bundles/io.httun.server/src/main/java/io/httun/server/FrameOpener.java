// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.protocol.Frame;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Finds the session that a frame belongs to. Frames name none, so sessions are tried: the one that expects the serial in the path, the one
 * last seen on the HTTP connection, the new ones, then those used last. Each wrong one costs a decryption, and their number is
 * bounded.
 */
final class FrameOpener {
    /** A frame and the session whose key opened it. */
    record Opened(Session session, Frame frame) {}

    private final FrameCipher cipher;
    private final ByteBuf sealed;
    private final ByteBuf out;
    private Session first;
    private Session second;
    private int trials;

    /** @param out gets the payload; stays the caller's */
    FrameOpener(FrameCipher cipher, ByteBuf sealed, ByteBuf out) {
        this.cipher = cipher;
        this.sealed = sealed;
        this.out = out;
    }

    /**
     * Tries the likely sessions: by serial, by HTTP connection, and the new ones. Null if none fits.
     *
     * @param seen session last seen on the HTTP connection, of whatever channel; may be null
     */
    Opened openExpected(ServerChannel channel, boolean read, long serial, Session seen) {
        first = channel.sessions().hints().find(read, serial);
        Opened opened = tryOne(first);
        if (opened == null && seen != first && seen != null && seen.channel() == channel) {
            second = seen;
            opened = tryOne(second);
        }
        return opened == null ? tryAll(channel.sessions().newest(), Integer.MAX_VALUE) : opened;
    }

    /** After {@link #openExpected}: null if no other of the channel's sessions used last fits either. */
    Opened openRecent(ServerChannel channel) {
        return tryAll(channel.sessions().mostRecent(), Integer.MAX_VALUE);
    }

    /**
     * Makes up for the decryptions that a channel with many sessions takes, so that the response time does not reveal how many there were.
     * It uses that channel's keys, since a cipher is faster with a key that it has just used.
     *
     * @param recent whether {@link #openRecent} would have followed
     * @param spare to try if no channel has a session
     */
    void feign(SessionTable busiest, boolean recent, FrameKey spare) {
        int most = recent ? busiest.trials() : busiest.newTrials();
        if (trials < most) {
            tryAll(busiest.newest(), most);
            if (recent) {
                tryAll(busiest.mostRecent(), most);
            }
        }
        if (trials == 0) {
            open(spare);
        }
    }

    /** Tries sessions until there were {@code most} trials. */
    private Opened tryAll(List<Session> sessions, int most) {
        for (Session session : sessions) {
            if (trials >= most) {
                return null;
            }
            if (session != first && session != second) {
                Opened opened = tryOne(session);
                if (opened != null) {
                    return opened;
                }
            }
        }
        return null;
    }

    private Opened tryOne(Session session) {
        if (session == null || session.state() == Session.State.ENDED) {
            return null;
        }
        Frame frame = open(session.key());
        return frame == null ? null : new Opened(session, frame);
    }

    /** As {@link Frame#open}; a key that was destroyed meanwhile fits nothing. */
    Frame open(FrameKey key) {
        trials++;
        try {
            return Frame.open(cipher, key, sealed, out);
        } catch (IllegalStateException e) {
            if (key.isDestroyed()) {
                return null;
            }
            throw e;
        }
    }
}
