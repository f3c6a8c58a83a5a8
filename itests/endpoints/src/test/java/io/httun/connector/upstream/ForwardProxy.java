// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.listen.OwnListeners;
import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.connector.DirectConnector;
import java.net.SocketAddress;
import java.util.Map;

/** The upstream connector with one HTTP proxy, without a framework. */
public final class ForwardProxy {
    private ForwardProxy() {}

    public static TargetConnector at(EventLoops loops, NameResolver resolver, int port) {
        DirectConnector direct = new DirectConnector(loops, Map.of("name", "direct"));
        return new UpstreamConnector(
                loops,
                resolver,
                new NoListeners(),
                () -> direct,
                Map.of("name", "corp", "proxies", "p=http://127.0.0.1:" + port));
    }

    private static final class NoListeners implements OwnListeners {
        @Override
        public void add(SocketAddress bound) {
            throw new IllegalStateException("nothing should listen");
        }

        @Override
        public void remove(SocketAddress bound) {
            throw new IllegalStateException("nothing should listen");
        }

        @Override
        public boolean contain(SocketAddress remote) {
            return false;
        }
    }
}
