// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.netty.channel.EventLoop;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The keys of a pipe, each from an init of its own that continues the pipe ({@code docs/wire.md}, "A pipe"). Confined to the pipe's event loop,
 * except {@link #sinceNanos}.
 */
final class PipeKeys {
    /** The pipe of the keys. */
    interface Pipe {
        boolean isOver();

        /** The next key is in use. */
        void rekeyed();

        /** The init for the next key was refused; it is due again. */
        void rekeyRefused(String why);

        void lose(HttunException cause);
    }

    /** A key is replaced after an hour, even if little used ({@code docs/wire.md}). */
    private static final long LIFE_NANOS = TimeUnit.HOURS.toNanos(1);

    /** For exchanges that are pending when the key changes ({@code docs/wire.md}). */
    private static final long OLD_KEY_SECONDS = 60;

    /** Between two inits for the next key. */
    private static final long PAUSE_MILLIS = 1000;

    private final ClientContext context;
    private final EventLoop loop;
    private final UUID slot;
    private final RequestHeads heads;
    private final LinkPool links;
    private final Pipe pipe;
    private SessionKeys current;
    private boolean initRuns;
    private boolean usedUp;
    private volatile long sinceNanos = System.nanoTime();

    /** @param slot the client's UUID in the pipe's first init */
    PipeKeys(
            ClientContext context,
            EventLoop loop,
            UUID slot,
            RequestHeads heads,
            LinkPool links,
            SessionKeys first,
            Pipe pipe) {
        this.context = context;
        this.loop = loop;
        this.slot = slot;
        this.heads = heads;
        this.links = links;
        this.current = first;
        this.pipe = pipe;
    }

    SessionKeys current() {
        return current;
    }

    /** Whether a server that does not know these keys does not know the pipe either. */
    boolean isCurrent(SessionKeys sealedUnder) {
        return sealedUnder == current && !initRuns;
    }

    /** Stops the use of the current key: all requests wait for the next one. */
    void usedUp() {
        usedUp = true;
    }

    boolean isUsedUp() {
        return usedUp;
    }

    /** When the current key came into use, by {@link System#nanoTime}. Any thread. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** Initialises the next key when it is due, even while requests fail: a server that has used up the key answers none of them. */
    void renewWhenDue(long now) {
        boolean due = current.isEnding() || now - sinceNanos > LIFE_NANOS;
        if (!due || initRuns) {
            return;
        }
        initRuns = true;
        HttpLink link = new HttpLink(loop, context.dialer(), heads.url());
        InitAttempt.again(
                context, loop, current.peer().successor(slot), current.peer(), heads, link, new InitAttempt.Then() {
                    @Override
                    public void ready(InitAttempt.Ready ready) {
                        initRuns = false;
                        take(ready);
                    }

                    @Override
                    public void refused(RefusedException refusal) {
                        loop.schedule(() -> pauseIsOver(refusal.getMessage()), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                    }
                });
    }

    /** Allows the next init: the refusal may have come from a proxy. */
    private void pauseIsOver(String why) {
        initRuns = false;
        if (!pipe.isOver()) {
            pipe.rekeyRefused(why);
        }
    }

    private void take(InitAttempt.Ready ready) {
        if (pipe.isOver()) {
            ready.discard();
            return;
        }
        links.add(ready.link());
        SessionKeys old = current;
        current = ready.keys();
        usedUp = false;
        sinceNanos = System.nanoTime();
        loop.schedule(old::destroy, OLD_KEY_SECONDS, TimeUnit.SECONDS);
        if (current.peer().pipes()) {
            pipe.rekeyed();
        } else {
            pipe.lose(new HttunException("another server answered the init"));
        }
    }

    void destroy() {
        current.destroy();
    }
}
