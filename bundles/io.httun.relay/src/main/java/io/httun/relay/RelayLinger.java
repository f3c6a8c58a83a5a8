// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The lingering close of one side: its input is read and discarded, so that the peer can read the last bytes before the close.
 * On the event loop.
 */
final class RelayLinger {
    static final int SECONDS = 2;
    /** Some clients look at the answer only after they have sent everything, although the target takes no more. */
    private static final int MAX_SECONDS = 30;

    /**
     * <pre>
     * INACTIVE --discard()--> CLEAN --input arrives--> DATA_LOST
     * </pre>
     */
    private enum State {
        INACTIVE,
        /** Discards, but nothing has arrived yet. */
        CLEAN,
        /** Bytes of the peer were discarded: only a reset tells it so. */
        DATA_LOST
    }

    private final Channel channel;
    /** Whether the other side's output failed: the peer may go on sending for up to {@link #MAX_SECONDS}. */
    private final BooleanSupplier sinkBroken;

    private State state = State.INACTIVE;
    private long lostNanos;
    private long startNanos;

    RelayLinger(Channel channel, BooleanSupplier sinkBroken) {
        this.channel = channel;
        this.sinkBroken = sinkBroken;
    }

    boolean isActive() {
        return state != State.INACTIVE;
    }

    /** @param lost whether bytes of this side are already lost */
    void discard(boolean lost) {
        if (lost) {
            state = State.DATA_LOST;
        } else if (state == State.INACTIVE) {
            state = State.CLEAN;
        }
    }

    void discarded() {
        state = State.DATA_LOST;
        lostNanos = now();
    }

    void start() {
        startNanos = now();
        schedule();
    }

    /** Closes the side; with a reset if bytes of its peer were lost, so that the peer does not believe that they arrived. */
    void end() {
        if (state == State.DATA_LOST) {
            BulkSockets.reset(channel);
        } else {
            channel.close();
        }
    }

    private void schedule() {
        Future<?> limit = channel.eventLoop().schedule(this::check, SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> limit.cancel(false));
    }

    private void check() {
        boolean sends = state == State.DATA_LOST && now() - lostNanos < TimeUnit.SECONDS.toNanos(SECONDS);
        if (sends && sinkBroken.getAsBoolean() && now() - startNanos < TimeUnit.SECONDS.toNanos(MAX_SECONDS)) {
            schedule();
        } else {
            end();
        }
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }
}
