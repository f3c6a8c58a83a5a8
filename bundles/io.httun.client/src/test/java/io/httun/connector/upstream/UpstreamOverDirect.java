// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.listen.OwnListeners;
import io.httun.api.target.NameResolver;
import io.httun.api.tunnel.EventLoops;
import io.httun.connector.DirectConnector;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;

/** An upstream connector over a direct one, as the framework would put them together. */
public final class UpstreamOverDirect {
    private UpstreamOverDirect() {}

    public static UpstreamConnector make(EventLoops loops, NameResolver resolver, Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("name", "corp");
        DirectConnector direct = new DirectConnector(loops, Map.of("name", "direct"));
        return new UpstreamConnector(loops, resolver, new Nobody(), () -> direct, all);
    }

    /** Nothing of ours listens. */
    private static final class Nobody implements OwnListeners {
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
