// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import java.time.Instant;

/**
 * What there is to tell of a connection that has ended or was not made. It identifies nobody: who and where are empty unless
 * the engine is configured to tell them.
 *
 * @param time when it ended
 * @param id the connection's, as in every log line about it; random
 * @param listener name of the listener that it came in by
 * @param result {@code complete}, {@code broken} (it was open and ended before its time) or {@code refused}
 * @param reason why it ended
 * @param durationMillis from the accepted channel to the end
 * @param connectMillis from the wish to the target's connection; -1 where there was none
 * @param bytesToTarget payload
 * @param bytesFromTarget payload
 * @param readsToTarget how many pieces those bytes were read in
 * @param readsFromTarget how many pieces those bytes were read in
 * @param rateToTarget bytes per second while it was open
 * @param rateFromTarget bytes per second while it was open
 * @param target where it went; empty unless configured
 * @param user who had logged in; empty unless configured
 * @param source where the peer was; empty unless configured
 */
public record ConnectionSummary(
        Instant time,
        String id,
        String listener,
        String result,
        EndCause reason,
        long durationMillis,
        long connectMillis,
        long bytesToTarget,
        long bytesFromTarget,
        long readsToTarget,
        long readsFromTarget,
        long rateToTarget,
        long rateFromTarget,
        String target,
        String user,
        String source) {}
