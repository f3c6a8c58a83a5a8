// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.util.function.Consumer;

/** Finds out what the path of a client to its server allows. A service with property {@code name}. */
public interface PathProber {
    /**
     * Measures for about 3 s, or 70 s with {@code idle}, with at most 40 connections and 64 MiB. Blocks; an interrupt ends it.
     *
     * @param idle whether to find out after how many seconds of silence something closes the connections
     * @param progress gets a few words about each step, on the calling thread
     * @return what was found, also where the server cannot be reached
     * @throws InterruptedException when the calling thread was interrupted; nothing of the probe remains
     */
    PathReport probe(boolean idle, Consumer<String> progress) throws InterruptedException;
}
