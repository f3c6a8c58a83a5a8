// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deny and allow lists of addresses ({@code wire/httun.md} section 5). Has no opinion on a name before it is resolved. */
@Component(configurationPid = "io.httun.filter.address", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AddressFilterConfig.class, factory = true)
public final class AddressFilter implements TargetFilter, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(AddressFilter.class);

    private record Settings(String name, AddressSet deny, AddressSet allow) {}

    private final Tally tally = new Tally();
    private volatile Settings settings;

    @Activate
    public AddressFilter(Map<String, Object> properties) {
        settings = read(properties);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = read(properties);
        } catch (ConfigException e) {
            LOG.error("{}; filter {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    private static Settings read(Map<String, Object> properties) {
        return StrictConfig.read(
                AddressFilterConfig.class,
                properties,
                config -> new Settings(
                        Names.check(config.name()),
                        AddressSet.parse("deny", config.deny()),
                        AddressSet.parse("allow", config.allow())));
    }

    @Override
    public Decision decide(Target target) {
        Settings now = settings;
        for (InetAddress address : target.addresses()) {
            for (InetAddress form : Addresses.forms(address)) {
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
        Settings now = settings;
        return List.of(tally.status(
                now.name(), "address", now.deny().size() + now.allow().size()));
    }
}
