// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.awaitility.Awaitility.await;

import io.httun.api.status.StatusSource;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes both ends of a protocol as their configurations would.
 *
 * @param <S> the server's component
 */
public abstract class BothEnds<S extends StatusSource> {
    protected final TunnelRig rig;

    protected BothEnds(TunnelRig rig) {
        this.rig = rig;
    }

    /** A server that leads to a target, where its protocol does not leave that to the client. */
    public abstract S serverTo(int target, Object... more);

    /** Where it can be reached. */
    public abstract int port(S server);

    /** A client, which ends with the rig. */
    protected abstract TargetConnector connector(Map<String, Object> properties);

    public TargetConnector client(int server, Object... more) {
        return connector(properties(Map.of("name", "test", "server", "127.0.0.1:" + server), more));
    }

    /** A local port whose connections go through a client to a server, and from there to a target. */
    public int through(int server, int target, Object... more) {
        return rig.local(client(server, more), "127.0.0.1:" + target);
    }

    /** Why a client does not connect. */
    public Throwable failure(int server, String target, Object... more) throws InterruptedException {
        return client(server, more)
                .connect(Target.parse(target), rig.loops().group().next())
                .await()
                .cause();
    }

    /** @param more names and values, which replace those of {@code first} */
    public static Map<String, Object> properties(Map<String, Object> first, Object... more) {
        Map<String, Object> properties = new HashMap<>(first);
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        return properties;
    }

    /** Waits until nothing is open, and says how the last connection ended. */
    public static String lastCause(StatusSource server) {
        await().until(() ->
                server.connections().isEmpty() && !server.closedConnections().isEmpty());
        return server.closedConnections().get(0).cause();
    }
}
