// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

/** A file descriptor that an event loop watches for somebody, who owns it and closes it after the watch. Thread-safe. */
public interface FileWatch extends AutoCloseable {
    /** False after {@link #close()}, and when the descriptor reported an error, could not be watched, or whoever reads it failed. */
    boolean isActive();

    /** Returns when nothing is called any more and the descriptor may be closed; on the watching loop itself at once. Idempotent. */
    @Override
    void close();
}
