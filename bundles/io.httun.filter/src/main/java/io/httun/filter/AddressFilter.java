// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.status.FilterStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.net.EmbeddedIpv4;
import io.httun.toolkit.net.LocalNetworks;
import io.httun.toolkit.net.NetworkSet;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Deny and allow lists of addresses ({@code wire/httun.md} section 5). A name is allowed before its look-up, and its
 * addresses are checked after it.
 */
@Component(configurationPid = "io.httun.filter.address", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AddressFilterConfig.class, factory = true)
public final class AddressFilter implements TargetFilter, StatusSource {
    private record Settings(String name, NetworkSet deny, NetworkSet allow, EmbeddedIpv4 embedded) {}

    private final DecisionCounter tally = new DecisionCounter();
    private final LiveSettings<Settings> settings;

    @Activate
    public AddressFilter(Map<String, Object> properties) {
        this(properties, LocalNetworks.ofSystem());
    }

    AddressFilter(Map<String, Object> properties, LocalNetworks local) {
        settings = new LiveSettings<>(now -> "filter " + now.name(), wanted -> read(wanted, local), properties).start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    private static Settings read(Map<String, ?> properties, LocalNetworks local) {
        return StrictConfig.read(
                AddressFilterConfig.class,
                properties,
                config -> new Settings(
                        FilterNames.check(config.name()),
                        NetworkSet.parse("deny", List.of(config.deny()), local),
                        NetworkSet.parse("allow", List.of(config.allow()), local),
                        EmbeddedIpv4.withNat64("nat64.prefixes", List.of(config.nat64_prefixes()))));
    }

    @Override
    public Decision decide(Target target) {
        Settings now = settings.get();
        for (InetAddress address : target.addresses()) {
            for (InetAddress form : now.embedded().forms(address)) {
                Optional<String> denied = now.deny().find(form);
                if (denied.isPresent() && now.allow().find(form).isEmpty()) {
                    return tally.count(Decision.deny("filter " + now.name() + ": " + NetUtil.toAddressString(address)
                            + " is in " + denied.get()));
                }
            }
        }
        return tally.count(Decision.ALLOW);
    }

    @Override
    public List<FilterStatus> filters() {
        Settings now = settings.get();
        return List.of(tally.status(
                now.name(), "address", now.deny().size() + now.allow().size()));
    }
}
