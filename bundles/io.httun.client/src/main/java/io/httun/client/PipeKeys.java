// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.netty.channel.EventLoop;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The keys of a pipe, each from an init of its own that continues the pipe ({@code docs/wire.md}, "A pipe"). Confined to the pipe's event loop, but
 * for {@link #sinceNanos}.
 */
final class PipeKeys {
    /** The pipe whose frames they protect. */
    interface Pipe {
        boolean isOver();

        /** The next key is in use. */
        void rekeyed();

        /** The init for the next key was refused; it is due again. */
        void rekeyRefused(String why);

        void lose(HttunException cause);
    }

    /** A key is changed after an hour, whatever it has protected ({@code docs/wire.md}). */
    private static final long LIFE_NANOS = TimeUnit.HOURS.toNanos(1);

    /** For exchanges that are under way when the key changes ({@code docs/wire.md}). */
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

    /** Whether a server that does not know these keys does not know the pipe. */
    boolean isCurrent(SessionKeys sealedUnder) {
        return sealedUnder == current && !initRuns;
    }

    /** The key may protect no more: everything waits for the next one. */
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

    /** Also while requests fail: a server whose end of the key is used up answers none of them. */
    void renewWhenDue(long now) {
        boolean due = current.isEnding() || now - sinceNanos > LIFE_NANOS;
        if (!due || initRuns) {
            return;
        }
        initRuns = true;
        HttpLink link = new HttpLink(loop, context.dialer(), heads.url());
        InitAttempt.again(
                context,
                loop,
                current.peer().successor(slot),
                current.peer().node(),
                heads,
                link,
                new InitAttempt.Then() {
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

    /** Whoever refused need not have been the server. */
    private void pauseIsOver(String why) {
        initRuns = false;
        if (!pipe.isOver()) {
            pipe.rekeyRefused(why);
        }
    }

    private void take(InitAttempt.Ready ready) {
        if (pipe.isOver()) {
            ready.link().close();
            ready.keys().destroy();
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
