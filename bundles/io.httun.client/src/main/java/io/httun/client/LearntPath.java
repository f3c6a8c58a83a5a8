// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.FrameBody;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/** What a client has learnt about the path to its server, below the settings that the configuration makes explicitly. Thread-safe. */
final class LearntPath {
    /** With one connection, requests for data would keep all others waiting. */
    static final int LEAST_CONNECTIONS = 2;

    /** A shorter silence ends by chance, or at a restart of the server; Apache's default is 5 s. */
    private static final long LEAST_IDLE = TimeUnit.SECONDS.toNanos(3);

    /** Two cuts after the same time are a rule. */
    private static final long SAME = TimeUnit.SECONDS.toNanos(1);

    /** Used up to this part of the time, so that a request is not sent at the moment of the cut. */
    private static final int SAFE_PERCENT = 80;

    private final WayOut way;
    private volatile PathLimits limits = PathLimits.NONE;
    private volatile long idleNanos = Long.MAX_VALUE;
    private volatile boolean probed;
    private volatile Runnable whenLearnt = () -> {};
    private long lastCut;

    LearntPath(WayOut way) {
        this.way = way;
    }

    /** Sets the listener for changed limits. */
    void whenLearnt(Runnable told) {
        whenLearnt = told;
    }

    /**
     * Keeps to these limits from now on. Fewer requests at a time than before are not believed on the same path: other traffic of this host
     * may have taken the places.
     */
    void learn(PathLimits found) {
        PathLimits before = limits;
        limits = isLimited()
                ? new PathLimits(Math.max(before.parallel(), found.parallel()), found.body(), found.keepAlive())
                : found;
        whenLearnt.run();
    }

    /** While it is probed, the client's own requests leave room. */
    void probed(boolean now) {
        probed = now;
        whenLearnt.run();
    }

    /** Forgets everything: the path is another one. */
    synchronized void forget() {
        idleNanos = Long.MAX_VALUE;
        lastCut = 0;
        limits = PathLimits.NONE;
        whenLearnt.run();
    }

    /** Something closed a connection after so much silence. */
    synchronized void cutAfter(long nanos) {
        if (nanos < LEAST_IDLE) {
            return;
        }
        if (Math.abs(nanos - lastCut) <= SAME) {
            idleNanos = Math.min(nanos, lastCut);
        }
        lastCut = nanos;
    }

    /** A probe found that connections are closed after so much silence. */
    void closesAfter(long nanos) {
        idleNanos = nanos;
    }

    boolean keepAlive() {
        return way.keepAlive() && (way.explicit().keepAlive() || limits.keepAlive());
    }

    /** The most connections of one pipe. @param pipes that share the path */
    int connections(int pipes) {
        int configured = way.pipes().connections();
        if (probed && !way.explicit().connections()) {
            return LEAST_CONNECTIONS;
        }
        if (way.explicit().connections() || limits.parallel() >= PathLimits.MANY) {
            return configured;
        }
        return Math.max(LEAST_CONNECTIONS, Math.min(configured, limits.parallel() / Math.max(1, pipes)));
    }

    /** The largest body of a request in bytes. */
    int body() {
        return way.explicit().bodies() ? FrameBody.MAX_BATCH : limits.body();
    }

    /** The longest silence of a connection that is used again, in nanoseconds. @param otherwise where no shorter one is known */
    long idle(long otherwise) {
        long cut = idleNanos;
        return cut == Long.MAX_VALUE ? otherwise : Math.min(otherwise, cut / 100 * SAFE_PERCENT);
    }

    boolean isLimited() {
        return !limits.equals(PathLimits.NONE);
    }

    /** The limits in force, for operators; empty without any. */
    String text() {
        PathLimits now = limits;
        StringJoiner text = new StringJoiner("; ");
        if (!way.explicit().keepAlive() && !now.keepAlive()) {
            text.add("1 request per connection");
        }
        if (!way.explicit().connections() && now.parallel() < PathLimits.MANY) {
            text.add(now.parallel() == 1 ? "1 request at a time" : now.parallel() + " requests at a time");
        }
        if (body() < FrameBody.MAX_BATCH) {
            text.add("bodies up to " + body() + " bytes");
        }
        if (idleNanos != Long.MAX_VALUE) {
            text.add("connections are closed after " + TimeUnit.NANOSECONDS.toSeconds(idleNanos) + " s of silence");
        }
        return text.toString();
    }
}
