// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import java.util.concurrent.TimeUnit;

/** Holds a session's messages while there is no cipher, as long as a message is retried. Confined to the session's event loop. */
final class CipherWait {
    private static final long LOOK_MILLIS = 20;

    private final ClientSession session;
    private volatile boolean waiting;
    private long since;
    /** Null if no {@code r} is held. */
    private Operation heldAsk;

    private Operation heldSend;
    /** Null if no {@code w} is held. */
    private FrameSource heldSource;

    CipherWait(ClientSession session) {
        this.session = session;
    }

    /** Any thread. */
    boolean isWaiting() {
        return waiting;
    }

    boolean holdsAsk() {
        return heldAsk != null;
    }

    boolean holdsSend() {
        return heldSource != null;
    }

    void holdAsk(Operation operation) {
        heldAsk = operation;
        begin();
    }

    void holdSend(Operation operation, FrameSource source) {
        heldSend = operation;
        heldSource = source;
        begin();
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
            resume();
        } else if (System.nanoTime() - since
                > TimeUnit.MILLISECONDS.toNanos(session.timeouts().patience())) {
            session.lose(new HttunException("there is no cipher (FrameCipher): start a bundle io.httun.crypto"));
        } else {
            session.loop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void resume() {
        session.resumeReplies();
        if (session.isOver()) {
            return;
        }
        Operation ask = heldAsk;
        FrameSource source = heldSource;
        heldAsk = null;
        heldSource = null;
        if (ask != null) {
            session.ask(ask);
        }
        if (source != null) {
            session.send(heldSend, source);
        }
    }
}
