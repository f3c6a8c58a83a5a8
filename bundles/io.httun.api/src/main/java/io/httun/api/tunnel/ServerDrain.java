// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.time.Duration;

/**
 * Takes a server out of service without cutting anything: new sessions are refused so that clients go to another server, streams that are there end in
 * their own time. Its state is {@link io.httun.api.status.StatusSource#drains()}. A service of each server. Thread-safe; returns at once.
 */
public interface ServerDrain {
    /**
     * Begins, or sets another end.
     *
     * @param period from now on, after which what remains is reset; zero or more. The server keeps refusing new sessions then
     */
    void drain(Duration period);

    /** Takes new sessions again. Pipes whose clients have been told to go elsewhere still end with their last stream. */
    void serve();
}
