// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.config.ConfigException;
import io.httun.api.status.StatusSource;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A configured device. Lives as long as its configuration: the kernel's device outlives this bundle, and goes when the configuration goes. */
@Component(
        configurationPid = "io.httun.tun",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true,
        service = {TunDevice.class, StatusSource.class})
@Designate(ocd = TunConfig.class, factory = true)
public final class LinuxTunDevice implements TunDevice, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxTunDevice.class);

    private final BundleContext context;
    private final String pid;
    private final TunEngine engine;

    @Activate
    public LinuxTunDevice(BundleContext context, Map<String, Object> properties) {
        this.context = context;
        this.pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        this.engine = new TunEngine(
                        TunSettings.read(properties), Journals.of(context).journal(pid), this::isOnlyThisBundleStopping)
                .start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            engine.configure(TunSettings.read(properties));
        } catch (ConfigException e) {
            LOG.error("{}; device {} keeps its configuration", e.getMessage(), engine.device());
        }
    }

    @Deactivate
    void stop(int reason) {
        if (reason == ComponentConstants.DEACTIVATION_REASON_CONFIGURATION_DELETED) {
            engine.stop(Ending.REMOVE);
        } else {
            engine.stop(isOnlyThisBundleStopping() ? Ending.KEEP : Ending.UNROUTE);
        }
    }

    /** As when it is updated, rather than Karaf's end. */
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
