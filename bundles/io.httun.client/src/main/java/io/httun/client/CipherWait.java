// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import java.util.concurrent.TimeUnit;

/** Looks for a cipher on behalf of a session that found none, for as long as a message is retried. Confined to the session's loop. */
final class CipherWait {
    private static final long LOOK_MILLIS = 20;

    private final ClientSession session;
    private final Runnable found;
    private volatile boolean waiting;
    private long since;

    CipherWait(ClientSession session, Runnable found) {
        this.session = session;
        this.found = found;
    }

    boolean isWaiting() {
        return waiting;
    }

    void begin() {
        if (!waiting) {
            waiting = true;
            since = System.nanoTime();
            look();
        }
    }

    private void look() {
        if (session.isOver()) {
            return;
        }
        if (session.cipher() != null) {
            waiting = false;
            found.run();
        } else if (System.nanoTime() - since
                > TimeUnit.MILLISECONDS.toNanos(session.timeouts().patience())) {
            session.lose(new HttunException("there is no cipher (FrameCipher): start a bundle io.httun.crypto"));
        } else {
            session.loop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
