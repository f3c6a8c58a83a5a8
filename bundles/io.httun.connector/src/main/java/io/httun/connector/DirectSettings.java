// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.InterfaceName;
import io.httun.toolkit.config.StrictConfig;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/** The settings of a direct connector. */
record DirectSettings(
        String name,
        int connectSeconds,
        int attemptDelayMillis,
        String bindInterface,
        Optional<InetAddress> bindAddress,
        int connectionsMax,
        int drainSeconds) {
    /** @param transport of the event loops: binding to an interface needs epoll */
    static DirectSettings read(Map<String, ?> properties, String transport) {
        return StrictConfig.read(DirectConfig.class, properties, config -> of(config, transport));
    }

    private static DirectSettings of(DirectConfig config, String transport) {
        if (config.name().isEmpty()) {
            throw new ConfigException("name", config.name(), "must not be empty");
        }
        String device = config.bind_interface();
        if (!device.isEmpty()) {
            InterfaceName.check("bind.interface", device);
        }
        if (!device.isEmpty() && !transport.equals("epoll")) {
            throw new ConfigException(
                    "bind.interface",
                    device,
                    "needs the epoll transport, but " + transport
                            + " is in use; install the epoll bundles or remove the property");
        }
        return new DirectSettings(
                config.name(),
                StrictConfig.range("connect.seconds", config.connect_seconds(), 1, 600),
                StrictConfig.range("attempt.delay.millis", config.attempt_delay_millis(), 10, 60_000),
                device,
                address(config.bind_address()),
                StrictConfig.range("connections.max", config.connections_max(), 1, 1_000_000),
                StrictConfig.range("drain.seconds", config.drain_seconds(), 0, 86_400));
    }

    private static Optional<InetAddress> address(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!NetUtil.isValidIpV4Address(text) && !NetUtil.isValidIpV6Address(text)) {
            throw new ConfigException("bind.address", text, "must be an IP address of this host");
        }
        return Optional.of(NetUtil.createInetAddressFromIpAddressString(text));
    }
}
