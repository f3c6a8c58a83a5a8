// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Opens and ends one session, so that the status shows a wrong secret, a wrong path or an unreachable server before the first
 * connection. After every failure, its own or a connection's, it retries with growing pauses until something succeeds. Confined to an
 * event loop.
 */
final class ServerCheck implements SessionTaker {
    private static final long FIRST_PAUSE = 1000;
    private static final long LAST_PAUSE = 60_000;

    private final EventLoop loop;
    private final SessionPool pool;
    private final BooleanSupplier pipesFail;
    private long pause = FIRST_PAUSE;
    private boolean scheduled;

    /** @param pipesFail whether the last pipe could not be opened; {@link #failed} is to be called then */
    ServerCheck(EventLoop loop, SessionPool pool, BooleanSupplier pipesFail) {
        this.loop = loop;
        this.pool = pool;
        this.pipesFail = pipesFail;
    }

    /** Starts the check. Any thread. */
    void start() {
        pool.whenFailed(this::failed);
        loop.execute(this::run);
    }

    /** An init has failed. Any thread. */
    void failed() {
        loop.execute(this::later);
    }

    private void later() {
        if (!scheduled && !pool.isRetired()) {
            scheduled = true;
            loop.schedule(this::runAgain, pause, TimeUnit.MILLISECONDS);
            pause = Math.min(LAST_PAUSE, 2 * pause);
        }
    }

    private void runAgain() {
        scheduled = false;
        if (pool.isFailing() || pipesFail.getAsBoolean()) {
            run();
        } else {
            pause = FIRST_PAUSE;
        }
    }

    private void run() {
        if (!pool.isRetired()) {
            pool.take(loop, this);
        }
    }

    @Override
    public boolean isCancelled() {
        return pool.isRetired();
    }

    @Override
    public void ready(ClientSession session) {
        pause = FIRST_PAUSE;
        session.finish();
    }

    /** Ignores the refusal: the pool reports failed inits. */
    @Override
    public void refused(RefusedException refusal) {
        // A full queue means that the server works.
    }
}
