// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.status.StatusSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A SOCKS proxy. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.listener.socks",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SocksConfig.class, factory = true)
public final class SocksListener extends ConfiguredListener<SocksSettings> {
    @Activate
    public SocksListener(@Reference ListenerParts parts, Map<String, Object> properties) {
        super("socks", parts, SocksSettings::read, SocksNegotiation::new, properties);
    }
}
