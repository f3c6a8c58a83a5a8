// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.TargetConnector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses connectors whose way leads back to one of them. Connectors of every kind tell the next one by {@link TargetConnector#through()},
 * and references change at any time, so this is asked at every connection; a way has few connectors.
 */
public final class ConnectorCycle {
    private ConnectorCycle() {}

    /** The names on the cycle that a way ends in, such as {@code a -> b -> a}; empty if it ends at a target. */
    public static Optional<String> find(TargetConnector first) {
        List<TargetConnector> passed = new ArrayList<>();
        Optional<TargetConnector> next = Optional.of(first);
        while (next.isPresent()) {
            TargetConnector connector = next.get();
            // Not equals(): it is about services, of which a record may be one.
            for (int i = 0; i < passed.size(); i++) {
                if (passed.get(i) == connector) {
                    return Optional.of(Stream.concat(passed.stream().skip(i), next.stream())
                            .map(TargetConnector::connectorName)
                            .collect(Collectors.joining(" -> ")));
                }
            }
            passed.add(connector);
            next = connector.through();
        }
        return Optional.empty();
    }

    /** The message about a cycle. */
    public static RefusedException refusal(String cycle) {
        return new RefusedException(
                Cause.UNAVAILABLE,
                "connector " + cycle + ": they name each other; change the connector.target of one of them");
    }
}
