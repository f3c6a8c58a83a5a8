// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.awaitility.Awaitility.await;

import io.httun.api.status.ListenerStatus;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.runtime.OwnSockets;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** The real SOCKS listener in front of a connector. */
public final class SocksUnderTest implements AutoCloseable {
    private final ListenerParts parts;
    private final SocksListener listener;

    public SocksUnderTest(TunnelRig rig, TargetConnector connector) {
        parts = new ListenerParts(rig.loops(), rig.engine(), rig.admission(), new OwnSockets());
        listener = new SocksListener(parts, Map.of("name", "socks", "bind", "127.0.0.1:0"));
        listener.connector = connector;
        listener.start();
        await().until(() -> status().state().equals("listening"));
    }

    private ListenerStatus status() {
        return listener.listeners().get(0);
    }

    public int port() {
        return Target.parse(status().address()).port();
    }

    @Override
    public void close() {
        listener.stop();
        parts.stop();
    }
}
