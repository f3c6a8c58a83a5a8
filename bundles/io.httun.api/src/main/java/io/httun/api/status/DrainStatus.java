// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * Whether a server takes new sessions ({@link io.httun.api.tunnel.ServerDrain}).
 *
 * @param part the server
 * @param state {@code serving}; {@code draining} while what is there goes on; {@code drained} once its time is over, when nothing new is taken either
 * @param sessions open now
 * @param leftSeconds until sessions that remain are reset; 0 unless it is draining
 * @param refused new sessions that were refused because of it, since the server started
 */
public record DrainStatus(String part, String state, int sessions, long leftSeconds, long refused) {
    public static final String SERVING = "serving";
    public static final String DRAINING = "draining";
    public static final String DRAINED = "drained";

    /** Whether clients are to go to another server. */
    public boolean refusesNew() {
        return !state.equals(SERVING);
    }
}
