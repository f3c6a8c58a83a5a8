// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.status.StatusSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One local port to one target, as the stock client's socket mode. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.listener.port",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PortConfig.class, factory = true)
public final class PortListener extends ConfiguredListener<PortSettings> {
    @Activate
    public PortListener(@Reference ListenerParts parts, Map<String, Object> properties) {
        super("port", parts, PortSettings::read, FixedNegotiation::new, properties);
    }
}
