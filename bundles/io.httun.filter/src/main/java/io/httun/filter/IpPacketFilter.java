// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.tun.PacketFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ordered rules on protocol, addresses and ports. */
@Component(configurationPid = "io.httun.filter.packet", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PacketFilterConfig.class, factory = true)
public final class IpPacketFilter implements PacketFilter, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(IpPacketFilter.class);

    private record Settings(String name, List<PacketRule> rules, Decision rest) {}

    private final Tally tally = new Tally();
    private volatile Settings settings;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public IpPacketFilter(Map<String, Object> properties) {
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
        return StrictConfig.read(PacketFilterConfig.class, properties, IpPacketFilter::settings);
    }

    private static Settings settings(PacketFilterConfig config) {
        String name = Names.check(config.name());
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
        Settings now = settings;
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
        Settings now = settings;
        return List.of(tally.status(now.name(), "packet", now.rules().size()));
    }
}
