// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.toolkit.net.Network;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Shares one event loop between sources instead of between channels; all addresses of an IPv6 /64 are one source. In each turn of the
 * loop a source may move a fixed number of bytes; channels beyond that wait in a queue, from which the next turn serves a few. A source with a
 * thousand busy channels therefore gets no more of the loop than a source with one. With a single source nothing is
 * counted. On its event loop only.
 */
final class FairLoop {
    /** A source's bytes per turn. */
    static final int SHARE = 1 << 20;

    private static final int READS_PER_TURN = 8;

    /** A channel that can wait for its turn. */
    interface Waiting {
        void turn();
    }

    /** The relays of one source on this loop. */
    static final class Source {
        private final String name;
        private final Deque<Waiting> queue = new ArrayDeque<>();
        private int relays;
        private int moved;
        private boolean isBusy;

        private Source(String name) {
            this.name = name;
        }
    }

    private final EventExecutor loop;
    private final Map<String, Source> sources = new HashMap<>();
    private final List<Source> busy = new ArrayList<>();
    private boolean turnPlanned;

    FairLoop(EventExecutor loop) {
        this.loop = loop;
    }

    Source join(String name) {
        Source source = sources.computeIfAbsent(Network.sourceGroup(name), Source::new);
        source.relays++;
        return source;
    }

    void leave(Source source) {
        if (--source.relays == 0) {
            sources.remove(source.name);
        }
    }

    /**
     * Counts bytes that were read for a source.
     *
     * @return true if reading this channel must pause until its turn
     */
    boolean isOver(Source source, int bytes, Waiting channel) {
        if (sources.size() < 2) {
            return false;
        }
        source.moved += bytes;
        if (!source.isBusy) {
            source.isBusy = true;
            busy.add(source);
            planTurn();
        }
        if (source.moved < SHARE && source.queue.isEmpty()) {
            return false;
        }
        source.queue.add(channel);
        return true;
    }

    /**
     * Scheduled instead of executed: the loop runs all executed tasks, and the tasks they add, before it polls its
     * sockets again.
     */
    private void planTurn() {
        if (!turnPlanned) {
            turnPlanned = true;
            loop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void turn() {
        turnPlanned = false;
        List<Source> now = List.copyOf(busy);
        busy.clear();
        for (Source source : now) {
            source.moved = 0;
            source.isBusy = !source.queue.isEmpty();
            for (int i = 0; i < READS_PER_TURN && !source.queue.isEmpty(); i++) {
                source.queue.poll().turn();
            }
            if (source.isBusy) {
                busy.add(source);
                planTurn();
            }
        }
    }
}
