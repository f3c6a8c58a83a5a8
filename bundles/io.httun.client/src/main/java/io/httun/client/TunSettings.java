// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.KeyAgreement;
import io.httun.protocol.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a client's configuration says of IP packets.
 *
 * @param uuid by which the server knows this client; empty for a new one at every start
 * @param filters names of the packet filters that must all allow a packet
 */
record TunSettings(Optional<UUID> uuid, List<String> filters) {
    /** Fits no device. Declarative Services make it a property where the configuration names none. */
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
     * As what a client shows itself: a hash of the configured UUID, which stays the same, or else what it drew when it
     * started.
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
