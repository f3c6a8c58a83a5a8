// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.listen.OwnListeners;
import io.httun.api.proxy.ForwardingConnector;
import io.httun.api.proxy.SingleProxyFactory;
import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.LiveSettings;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;

/** Upstream connectors for programs, which listen nowhere. */
public final class UpstreamProxyFactory implements SingleProxyFactory {
    @Override
    public ForwardingConnector through(
            EventLoops loops, NameResolver resolver, TargetConnector direct, String url, Optional<Login> login) {
        Optional<ProxyCredentials> credentials =
                login.map(with -> ProxyCredentials.of("the proxy's login", 1, with.user(), with.password()));
        return new UpstreamConnector(
                loops,
                resolver,
                new NoOwnListeners(),
                () -> direct,
                new LiveSettings<>(
                        now -> "connector " + now.name(),
                        ignored -> UpstreamSettings.through(UpstreamProxy.parse("proxy=" + url), credentials),
                        Map.of()));
    }

    private static final class NoOwnListeners implements OwnListeners {
        @Override
        public void add(SocketAddress bound) {
            throw new IllegalStateException("a program listens nowhere");
        }

        @Override
        public void remove(SocketAddress bound) {
            throw new IllegalStateException("a program listens nowhere");
        }

        @Override
        public boolean contain(SocketAddress remote) {
            return false;
        }
    }
}
