// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ConnectionStatus;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Computes the rates of connections between two looks. */
final class LiveConnections {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A connection; rates are bytes per second since the last look. */
    record Row(
            String id,
            String origin,
            String target,
            String state,
            long ageSeconds,
            long rateToTarget,
            long rateFromTarget,
            long bytesToTarget,
            long bytesFromTarget) {
        private long rate() {
            return rateToTarget + rateFromTarget;
        }
    }

    private Map<String, ConnectionStatus> before = new HashMap<>();
    private long beforeNanos;

    /** The busiest first. */
    List<Row> look(List<ConnectionStatus> now, long nanos) {
        double seconds = Math.max(1, nanos - beforeNanos) / NANOS_PER_SECOND;
        List<Row> rows = now.stream()
                .map(each -> row(each, seconds))
                .sorted(Comparator.comparingLong(Row::rate).reversed().thenComparing(Row::ageSeconds))
                .toList();
        before = now.stream().collect(Collectors.toMap(ConnectionStatus::id, each -> each, (one, other) -> one));
        beforeNanos = nanos;
        return rows;
    }

    /** A new connection has no rate yet. */
    private Row row(ConnectionStatus now, double seconds) {
        ConnectionStatus then = before.getOrDefault(now.id(), now);
        return new Row(
                now.id(),
                now.origin(),
                now.target(),
                now.state(),
                now.ageSeconds(),
                Math.round((now.bytesToTarget() - then.bytesToTarget()) / seconds),
                Math.round((now.bytesFromTarget() - then.bytesFromTarget()) / seconds),
                now.bytesToTarget(),
                now.bytesFromTarget());
    }
}
