// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.awaitility.Awaitility.await;

import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.testrig.ServerUnderTest;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A server of ours on the standalone endpoint. */
record OurServer(ServerUnderTest server, MountedEndpoint endpoint) implements Closeable {
    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port());
    }

    String url() {
        return "http://127.0.0.1:" + endpoint.port();
    }

    @Override
    public void close() {
        endpoint.close();
        server.close();
        await("empty queues of a closed server").until(() -> server.waiting() == 0);
    }
}
