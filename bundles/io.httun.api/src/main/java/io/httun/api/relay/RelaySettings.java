// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.httun.api.config.ConfigException;
import java.util.List;
import java.util.Map;

/**
 * What the engine has to know of a listener.
 *
 * @param name of the listener, for the shell and the log
 * @param filters names of the filters that must all allow a target, in order; {@code none} or empty = any target
 * @param connectionsMax most connections at once
 * @param policy for everybody who has none of their own; how many connections a source may have, and what all of them may
 *     carry together, is for those who have, too
 * @param users policies by user; each replaces the rest of {@code policy} as a whole
 */
public record RelaySettings(
        String name, List<String> filters, int connectionsMax, RelayPolicy policy, Map<String, RelayPolicy> users) {
    private static final int MAX_CONNECTIONS = 1_000_000;

    /** @throws ConfigException naming the property that is wrong */
    public RelaySettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
        if (connectionsMax < 1 || connectionsMax > MAX_CONNECTIONS) {
            throw new ConfigException(
                    "connections.max", Integer.toString(connectionsMax), "must be 1 to " + MAX_CONNECTIONS);
        }
        filters = List.copyOf(filters);
        users = Map.copyOf(users);
    }

    /** The policy for a user; for nobody in particular where {@code user} is empty. */
    public RelayPolicy policyOf(String user) {
        return users.getOrDefault(user, policy);
    }
}
