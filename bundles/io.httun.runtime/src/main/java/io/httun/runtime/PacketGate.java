// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.target.Decision;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.PacketFilter;
import io.httun.toolkit.status.LogLimiter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.LoggerFactory;

/**
 * Admission of packets. Filters are looked up for each packet: a new filter applies from its first call, and a
 * missing filter denies.
 */
@Component(immediate = true)
public final class PacketGate implements PacketAdmission {
    private static final Decision MISSING = Decision.deny("a packet filter is not available");
    private static final Decision FAILED = Decision.deny("a packet filter failed");

    private final FilterRegistry<PacketFilter> registry = new FilterRegistry<>();
    private final LogLimiter failures = new LogLimiter(LoggerFactory.getLogger(PacketGate.class));

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addFilter(PacketFilter filter, Map<String, ?> properties) {
        registry.add(filter, properties);
    }

    void removeFilter(PacketFilter filter) {
        registry.remove(filter);
    }

    void updatedFilter(PacketFilter filter, Map<String, ?> properties) {
        registry.remove(filter);
        registry.add(filter, properties);
    }

    @Override
    public Decision admit(List<String> filters, byte[] packet, int offset, int length) {
        for (int i = 0; i < filters.size(); i++) {
            Optional<PacketFilter> filter = registry.find(filters.get(i));
            Decision decision = filter.isEmpty() ? MISSING : ask(filter.get(), packet, offset, length);
            if (decision instanceof Decision.Deny) {
                return decision;
            }
        }
        return Decision.ALLOW;
    }

    private Decision ask(PacketFilter filter, byte[] packet, int offset, int length) {
        try {
            return filter.decide(packet, offset, length);
        } catch (RuntimeException e) {
            failures.error("failure", "A packet filter failed and denies", e);
            return FAILED;
        }
    }
}
