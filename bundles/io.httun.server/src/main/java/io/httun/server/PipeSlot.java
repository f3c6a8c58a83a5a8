// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

/**
 * The pipe of a session, made when a confirmed session first needs it. It outlives the session when the client continues with a new key.
 * Thread-safe; the pipe is never called with the slot's lock held.
 */
final class PipeSlot {
    private final Parts parts;
    private final Session session;
    private SessionPipe pipe;

    PipeSlot(Parts parts, Session session) {
        this.parts = parts;
        this.session = session;
    }

    synchronized SessionPipe get() {
        if (pipe == null) {
            pipe = new SessionPipe(parts, session);
        }
        return pipe;
    }

    private synchronized void set(SessionPipe moved) {
        pipe = moved;
    }

    /** Empties the slot. @return null if it was empty */
    private synchronized SessionPipe take() {
        SessionPipe taken = pipe;
        pipe = null;
        return taken;
    }

    /** Gives the pipe, if there is one, to the session that continues this one. */
    void handTo(Session next) {
        SessionPipe handed = take();
        if (handed != null) {
            handed.moveTo(next);
            next.pipeSlot().set(handed);
            next.loop().execute(handed::dropOld);
        }
    }

    private synchronized SessionPipe current() {
        return pipe;
    }

    /** Answers requests that have waited long enough. */
    void tick() {
        SessionPipe current = current();
        if (current != null) {
            current.tick();
        }
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        SessionPipe current = current();
        if (current != null) {
            current.drain();
        }
    }

    /** Resets what runs in the pipe. @return false if there is none */
    boolean stop(String why) {
        SessionPipe current = current();
        if (current != null) {
            current.stop(why);
        }
        return current != null;
    }

    void end(String why) {
        SessionPipe last = take();
        if (last != null) {
            last.end(why);
        }
    }
}
