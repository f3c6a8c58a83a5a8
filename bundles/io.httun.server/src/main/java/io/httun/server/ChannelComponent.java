// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.TunDevice;
import io.httun.api.tunnel.ChannelControl;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import java.util.Map;
import java.util.function.Function;
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
        service = {ChannelComponent.class, ChannelControl.class},
        immediate = true,
        configurationPid = "io.httun.channel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ChannelConfig.class, factory = true)
public final class ChannelComponent implements ChannelControl {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelComponent.class);

    private final ChannelRegistry registry;
    private final Function<ChannelSettings, RelayOrigin> origins;
    private final LiveSettings<ChannelSettings> settings;
    private volatile Map<String, Object> configuration;
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
    public ChannelComponent(
            @Reference TunnelServer server, @Reference RelayEngine engine, Map<String, Object> properties) {
        registry = server.registry();
        origins = wanted -> engine.open(wanted.relay(), () -> connector);
        configuration = properties;
        settings = new LiveSettings<>(now -> "channel " + now.name(), ChannelSettings::read, properties);
        channel = StrictConfig.naming(properties, () -> registry.add(settings.get(), origins));
        settings.start(this::change);
        LOG.info(
                "Channel {} (id {}) is configured",
                channel.name(),
                channel.settings().id());
    }

    /** For use without a framework. */
    public ChannelComponent(
            TunnelServer server, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(server, engine, properties);
        this.connector = connector;
    }

    @Override
    public void refresh() {
        settings.refresh();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        configuration = properties;
        settings.update(properties);
    }

    private synchronized void change(ChannelSettings next) {
        channel = StrictConfig.naming(configuration, () -> registry.change(channel, next, origins));
        useTun();
    }

    @Reference(
            name = "tun",
            target = L3Settings.NO_DEVICE,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public synchronized void setTun(TunDevice device) {
        tun = device;
        useTun();
    }

    public synchronized void unsetTun(TunDevice device) {
        if (tun == device) {
            tun = null;
            useTun();
        }
    }

    private void useTun() {
        channel.l3().use(channel.settings().l3().isEnabled() ? tun : null);
    }

    @Deactivate
    public void deactivate() {
        settings.close();
        registry.remove(channel);
    }
}
