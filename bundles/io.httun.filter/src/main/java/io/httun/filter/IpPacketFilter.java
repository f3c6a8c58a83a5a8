// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.tun.PacketFilter;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** Ordered rules on protocol, addresses and ports. */
@Component(configurationPid = "io.httun.filter.packet", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PacketFilterConfig.class, factory = true)
public final class IpPacketFilter implements PacketFilter, StatusSource {
    private record Settings(String name, List<PacketRule> rules, Decision rest) {}

    private final DecisionCounter tally = new DecisionCounter();
    private final LiveSettings<Settings> settings;

    /** @throws ConfigException if the configuration is invalid */
    @Activate
    public IpPacketFilter(Map<String, Object> properties) {
        settings = new LiveSettings<>(now -> "filter " + now.name(), IpPacketFilter::read, properties).start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    private static Settings read(Map<String, ?> properties) {
        return StrictConfig.read(PacketFilterConfig.class, properties, IpPacketFilter::settings);
    }

    private static Settings settings(PacketFilterConfig config) {
        String name = FilterNames.check(config.name());
        List<PacketRule> rules = new ArrayList<>();
        for (String text : config.rules()) {
            try {
                rules.add(PacketRule.parse(name, text));
            } catch (IllegalArgumentException e) {
                throw new ConfigException("rules", text, e.getMessage());
            }
        }
        Decision rest =
                switch (config.default$()) {
                    case "allow" -> Decision.ALLOW;
                    case "deny" -> Decision.deny("filter " + name + ": no rule allows it");
                    default -> throw new ConfigException("default", config.default$(), "must be allow or deny");
                };
        return new Settings(name, List.copyOf(rules), rest);
    }

    @Override
    public Decision decide(byte[] packet, int offset, int length) {
        Settings now = settings.get();
        long transport = PacketView.transport(packet, offset, length);
        for (int i = 0; i < now.rules().size(); i++) {
            PacketRule rule = now.rules().get(i);
            if (rule.matches(packet, offset, length, transport)) {
                return tally.count(rule.decision());
            }
        }
        return tally.count(now.rest());
    }

    @Override
    public List<FilterStatus> filters() {
        Settings now = settings.get();
        return List.of(tally.status(now.name(), "packet", now.rules().size()));
    }
}
