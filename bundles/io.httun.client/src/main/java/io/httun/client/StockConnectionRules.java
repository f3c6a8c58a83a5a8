// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.TimeUnit;

/**
 * With a stock server: a close ends both directions, and a target on which nothing moves for 30 s is dropped without a word
 * ({@code wire/httun.md} section 5). So the close waits until the target is done, and silence ends the connection visibly.
 */
final class StockConnectionRules {
    /** Of the close container: after a half-close it waits for the target's answer. */
    private enum Closing {
        NO,
        AWAITING_ANSWER,
        SENT
    }

    /** Milliseconds for what the server sent before it took our close. */
    private static final long GRACE = 100;

    /** Bytes that are fetched for a local side that does not read, only to keep the target: two hours at a full frame in 16 s. */
    private static final int MAX_HELD = 32 << 20;

    private final TunnelChannel channel;
    private final Timeouts timeouts;
    private Closing closing = Closing.NO;
    private long lastMoved = System.nanoTime();

    StockConnectionRules(TunnelChannel channel) {
        this.channel = channel;
        this.timeouts = channel.session().timeouts();
    }

    /** The channel is about to ask for the first time. */
    void started() {
        watch(timeouts.stockIdle());
    }

    private void watch(long millis) {
        channel.session().loop().schedule(this::look, millis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (channel.isDetached() || !channel.isOpen()) {
            return;
        }
        // A pause of the local side is not the server's silence.
        long left = channel.session().isAsking() ? timeouts.stockIdle() - quietMillis() : timeouts.stockIdle();
        if (left > 0) {
            watch(left);
            return;
        }
        channel.fail(
                channel.output().hasBegun()
                        ? "nothing moved for 30 s, after which a stock server drops the target without a word: let the"
                                + " application send something more often (ssh: ServerAliveInterval 20)"
                        : "nothing was sent for 30 s: a stock server connects to the target only when the client has sent"
                                + " something, so a target that speaks first does not work with it");
    }

    private long quietMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastMoved);
    }

    /** Whether the next {@code r} may go out. @param room whether the local side has room, or reads */
    boolean mayAsk(boolean room) {
        return room && channel.isOpen();
    }

    /** The local side has not read for another {@link Timeouts#keepAlive}. Only bytes that move keep the target: fetches some when half of its time is over. */
    void stillPaused() {
        if (quietMillis() >= timeouts.stockIdle() / 2 && channel.heldBytes() < MAX_HELD) {
            channel.askAnyway();
        }
    }

    /** Bytes came, or what was sent was acknowledged. */
    void moved() {
        lastMoved = System.nanoTime();
    }

    /** An {@code r} brought nothing. */
    void nothingCame() {
        if (channel.output().isCloseTaken()) {
            // The server has closed the target at our word, and has nothing left.
            channel.serverIsDone();
        } else {
            channel.askMore();
        }
    }

    /** The local side has ended its output. */
    void outputShut() {
        closing = Closing.AWAITING_ANSWER;
        lastMoved = System.nanoTime();
        awaitAnswer(timeouts.stockSilence());
    }

    private void awaitAnswer(long millis) {
        channel.session().loop().schedule(this::lookForAnswer, millis, TimeUnit.MILLISECONDS);
    }

    private void lookForAnswer() {
        if (closing != Closing.AWAITING_ANSWER
                || channel.isDetached()
                || !channel.isOpen()
                || channel.hasServerEnded()) {
            return;
        }
        if (!channel.output().isEmpty() || channel.session().isSending() || channel.heldBytes() > 0) {
            lastMoved = System.nanoTime();
        }
        long left = timeouts.stockSilence() - quietMillis();
        if (left > 0) {
            awaitAnswer(left);
        } else if (channel.output().hasBegun()) {
            closing = Closing.SENT;
            channel.sendClose();
        } else {
            channel.serverIsDone();
        }
    }

    /** The local side is closed. */
    void closedHere() {
        boolean unused = !channel.output().hasBegun() && channel.output().isEmpty();
        if (channel.hasServerEnded() || channel.output().isCloseTaken() || unused) {
            channel.detach();
        } else {
            closing = Closing.SENT;
            channel.sendClose();
        }
    }

    /** The server has acknowledged the close container. */
    void closeTaken() {
        if (!channel.isOpen()) {
            channel.detach();
        } else {
            // Only a reply already on its way may hold more: the local side need not wait for the r that waits there,
            // though the next
            // session must.
            channel.session().loop().schedule(channel::serverIsDone, GRACE, TimeUnit.MILLISECONDS);
        }
    }

    /** The server has sent the last byte of the target. */
    void serverEnded() {
        if (!channel.isOpen()) {
            channel.detach();
        }
    }

    /** Whether everything has come, so that a loss of the session changes nothing. */
    boolean isComplete() {
        return channel.hasServerEnded();
    }
}
