// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.TimeUnit;

/**
 * The rules for a connection through a stock server, where a close ends both directions, and 30 s of silence drop the target without notice
 * ({@code wire/httun.md} section 5). So the close waits until the target has finished, and silence resets the connection visibly.
 */
final class StockConnectionRules {
    /** State of the close container: after a half-close it waits for the target's answer. */
    private enum Closing {
        NO,
        AWAITING_ANSWER,
        SENT
    }

    /** Milliseconds for data that the server sent before it got the close. */
    private static final long GRACE = 100;

    /** Bytes fetched for a local side that does not read, only to keep the target: two hours at a full frame in 16 s. */
    private static final int MAX_HELD = 32 << 20;

    private final TunnelChannel channel;
    private final Timeouts timeouts;
    private Closing closing = Closing.NO;
    private long lastMoved = System.nanoTime();

    StockConnectionRules(TunnelChannel channel) {
        this.channel = channel;
        this.timeouts = channel.session().timeouts();
    }

    /** Called before the channel's first request. */
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

    /** Whether the next {@code r} may be sent. @param room whether the local side has room or reads */
    boolean mayAsk(boolean room) {
        return room && channel.isOpen();
    }

    /** Called after each {@link Timeouts#keepAlive} without a read of the local side. Fetches bytes after half of the idle time: only traffic keeps the target. */
    void stillPaused() {
        if (quietMillis() >= timeouts.stockIdle() / 2 && channel.heldBytes() < MAX_HELD) {
            channel.askAnyway();
        }
    }

    /** Notes traffic: received data or an acknowledgement. */
    void moved() {
        lastMoved = System.nanoTime();
    }

    /** Called after an empty answer to an {@code r}. */
    void nothingCame() {
        if (channel.output().isCloseTaken()) {
            // The server has closed the target as requested, and has no more data.
            channel.serverIsDone();
        } else {
            channel.askMore();
        }
    }

    /** Called after the local side's half-close. */
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

    /** Called after the local side's close. */
    void closedHere() {
        boolean unused = !channel.output().hasBegun() && channel.output().isEmpty();
        if (channel.hasServerEnded() || channel.output().isCloseTaken() || unused) {
            channel.detach();
        } else {
            closing = Closing.SENT;
            channel.sendClose();
        }
    }

    /** Called when the server has acknowledged the close container. */
    void closeTaken() {
        if (!channel.isOpen()) {
            channel.detach();
        } else {
            // Only a reply that is already on its way may have data: the local side need not wait for the pending r,
            // but the next session must.
            channel.session().loop().schedule(channel::serverIsDone, GRACE, TimeUnit.MILLISECONDS);
        }
    }

    /** Called after the last byte of the target. */
    void serverEnded() {
        if (!channel.isOpen()) {
            channel.detach();
        }
    }

    /** Whether all data was received, so that the loss of the session does no harm. */
    boolean isComplete() {
        return channel.hasServerEnded();
    }
}
