// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.status.RouteStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.TunStatus;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
import io.httun.toolkit.config.LiveSettings;
import io.httun.tun.TunEngine.Ending;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/**
 * A configured device. The kernel's device lives as long as the configuration, and survives a restart of this bundle.
 */
@Component(
        configurationPid = "io.httun.tun",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true,
        service = {TunDevice.class, StatusSource.class})
@Designate(ocd = TunConfig.class, factory = true)
public final class LinuxTunDevice implements TunDevice, StatusSource {
    private final BundleContext context;
    private final String pid;
    private final LiveSettings<TunDeviceSettings> settings;
    private final TunEngine engine;

    @Activate
    public LinuxTunDevice(BundleContext context, Map<String, Object> properties) {
        this.context = context;
        this.pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        this.settings = new LiveSettings<>(now -> "device " + now.device(), TunDeviceSettings::read, properties);
        this.engine = new TunEngine(settings.get(), Journals.of(context).journal(pid), this::isOnlyThisBundleStopping)
                .start();
        settings.start(engine::configure);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop(int reason) {
        settings.close();
        if (reason == ComponentConstants.DEACTIVATION_REASON_CONFIGURATION_DELETED) {
            engine.stop(Ending.REMOVE);
        } else {
            engine.stop(isOnlyThisBundleStopping() ? Ending.KEEP : Ending.UNROUTE);
        }
    }

    /** Whether this bundle is being updated, and not all of Karaf stopping. */
    private boolean isOnlyThisBundleStopping() {
        return context.getBundle().getState() == Bundle.STOPPING
                && context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() != Bundle.STOPPING;
    }

    @Override
    public String device() {
        return engine.device();
    }

    @Override
    public int mtu() {
        return engine.mtu();
    }

    @Override
    public Optional<String> problem() {
        return engine.problem();
    }

    @Override
    public TunPort attach(String user, PacketReceiver receiver) {
        return engine.attach(user, receiver);
    }

    @Override
    public List<TunStatus> tuns() {
        return List.of(engine.status());
    }

    @Override
    public List<RouteStatus> routes() {
        return engine.routes();
    }
}
