// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.KeyAgreement;
import io.httun.protocol.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The settings of a client that carries IP packets.
 *
 * @param uuid identifies this client at the server; empty for a new one at every start
 * @param filters names of the packet filters, all of which must allow a packet
 */
record TunSettings(Optional<UUID> uuid, List<String> filters) {
    /** Matches no device. Declarative Services make it a property if the configuration has none. */
    static final String NO_DEVICE = "(!(objectClass=*))";

    /** Empty for a client whose mode is not {@code tun}. */
    static Optional<TunSettings> of(ClientConfig config) {
        switch (config.mode()) {
            case "connections":
                return Optional.empty();
            case "tun":
                break;
            default:
                throw new ConfigException("mode", config.mode(), "must be connections or tun");
        }
        if (config.tun_target().isEmpty() || config.tun_target().equals(NO_DEVICE)) {
            throw new ConfigException(
                    "tun.target", "", "must name the TUN device where mode = tun, for example (name=office)");
        }
        List<String> filters = List.of(config.tun_filters());
        if (filters.size() > 1 && filters.contains("none") || filters.contains("")) {
            throw new ConfigException(
                    "tun.filters", String.join(",", filters), "must name packet filters, or be the single word none");
        }
        return Optional.of(new TunSettings(uuid(config.uuid()), filters.equals(List.of("none")) ? List.of() : filters));
    }

    /**
     * Returns the UUID of the client's inits: a hash of the configured UUID, which stays the same, otherwise the random number of this start.
     */
    UUID identity(KeyAgreement agreement, int capabilities, long drawn) {
        return uuid.map(configured -> PeerId.ofConfigured(capabilities, configured, agreement))
                .orElseGet(() -> PeerId.of(capabilities, drawn));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("uuid", text, "must be a UUID (make one with: httun gen-uuid)");
        }
    }
}
