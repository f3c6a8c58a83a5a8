// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.Target;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.listen.ListenAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** The settings of a reverse listener. */
record ReverseSettings(RelaySettings relay, InetSocketAddress listen, Target target, int waiting) {
    private static final int MAX_WAITING = 64;

    static ReverseSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ReverseConfig.class,
                properties,
                config -> new ReverseSettings(
                        ListenerSettings.relay(
                                config.name(), config.filters(), config.connections_max(), config.policy()),
                        listen(config.listen()),
                        target(config.target()),
                        StrictConfig.range("reverse.waiting", config.reverse_waiting(), 1, MAX_WAITING)));
    }

    private static InetSocketAddress listen(String text) {
        String expected = "must be ADDRESS:PORT of the server, such as 127.0.0.1:8080, port 1 to 65535";
        InetSocketAddress address = ListenAddress.parseTcp("listen", text, expected);
        if (address.getPort() == 0) {
            throw new ConfigException("listen", text, expected);
        }
        return address;
    }

    private static Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("target", text, e.getMessage());
        }
    }

    String name() {
        return relay.name();
    }

    /** Whether others than the server's own programs may connect, and no filter is asked. */
    boolean letsEveryoneIn() {
        return !listen.getAddress().isLoopbackAddress() && ListenerSettings.asksNoFilter(relay);
    }

    String listenText() {
        return ListenAddress.text(listen);
    }
}
