// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.TunDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One configured channel. */
@Component(
        service = ChannelComponent.class,
        immediate = true,
        configurationPid = "io.httun.channel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ChannelConfig.class, factory = true)
public final class ChannelComponent {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelComponent.class);

    private final ChannelRegistry registry;
    private ServerChannel channel;
    private TunDevice tun;

    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile TargetConnector connector;

    /** @throws ConfigException if the configuration is wrong, or at odds with another channel's */
    @Activate
    public ChannelComponent(@Reference TunnelServer server, Map<String, Object> properties) {
        registry = server.registry();
        channel = addTo(registry, properties);
        LOG.info(
                "Channel {} (id {}) is configured",
                channel.name(),
                channel.settings().id());
    }

    private ServerChannel addTo(ChannelRegistry to, Map<String, Object> properties) {
        return ChannelSettings.read(properties, settings -> to.add(settings, () -> connector));
    }

    @Modified
    synchronized void modified(Map<String, Object> properties) {
        try {
            channel = ChannelSettings.read(properties, settings -> registry.change(channel, settings, () -> connector));
            useTun();
        } catch (ConfigException e) {
            LOG.error("Configuration refused, the old one stays: {}", e.getMessage());
        }
    }

    @Reference(
            name = "tun",
            target = L3Settings.NO_DEVICE,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    synchronized void setTun(TunDevice device) {
        tun = device;
        useTun();
    }

    synchronized void unsetTun(TunDevice device) {
        if (tun == device) {
            tun = null;
            useTun();
        }
    }

    private void useTun() {
        channel.l3().use(channel.settings().l3().isEnabled() ? tun : null);
    }

    @Deactivate
    void deactivate() {
        registry.remove(channel);
    }
}
