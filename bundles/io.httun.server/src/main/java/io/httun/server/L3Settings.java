// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a channel's configuration says of IP packets.
 *
 * @param target which TUN device, as an OSGi filter; empty for none
 * @param assigned which client may use which addresses; empty if addresses are learnt
 * @param filters names of the packet filters that must all allow a packet
 */
record L3Settings(String target, List<Assigned> assigned, boolean antiSpoof, List<String> filters) {
    /** Addresses of one client. */
    record Assigned(UUID client, Network prefix) {}

    /** Matches no device. Declarative Services make it the property if the configuration names no device. */
    static final String NO_DEVICE = "(!(objectClass=*))";

    static final L3Settings NONE = new L3Settings("", List.of(), true, List.of());

    boolean isEnabled() {
        return !target.isEmpty();
    }

    static L3Settings of(ChannelConfig config) {
        List<Assigned> assigned = new ArrayList<>();
        for (String line : config.tun_clients()) {
            assigned.addAll(assigned(line));
        }
        List<String> filters = List.of(config.tun_filters());
        if (filters.size() > 1 && filters.contains("none") || filters.contains("")) {
            throw new ConfigException(
                    "tun.filters", String.join(",", filters), "must name packet filters, or be the single word none");
        }
        return new L3Settings(
                config.tun_target().equals(NO_DEVICE) ? "" : config.tun_target(),
                List.copyOf(assigned),
                config.tun_antispoof(),
                filters.equals(List.of("none")) ? List.of() : filters);
    }

    private static List<Assigned> assigned(String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw wrong(line, "there is no =");
        }
        try {
            UUID client = UUID.fromString(line.substring(0, equals).strip());
            return Stream.of(line.substring(equals + 1).strip().split("\\s+"))
                    .map(text -> new Assigned(client, Network.parse(text)))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw wrong(line, e.getMessage());
        }
    }

    private static ConfigException wrong(String line, String why) {
        return new ConfigException(
                "tun.clients", line, "must be UUID=ADDRESS[/BITS] with further addresses behind spaces (" + why + ")");
    }
}
