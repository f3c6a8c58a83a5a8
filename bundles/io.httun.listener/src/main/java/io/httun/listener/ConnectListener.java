// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.status.StatusSource;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** An HTTP proxy: CONNECT and plain requests. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.listener.connect",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ConnectConfig.class, factory = true)
public final class ConnectListener extends ConfiguredListener<ConnectSettings> {
    @Activate
    public ConnectListener(@Reference ListenerParts parts, Map<String, Object> properties) {
        super("connect", parts, ConnectSettings::read, HttpNegotiation::new, properties);
    }
}
