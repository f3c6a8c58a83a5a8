// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.OptionalInt;

/** A way to the target: direct, or through a SOCKS listener. */
record Route(String name, OptionalInt socksPort) {
    Socket open(int targetPort) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Socket socket = socksPort.isEmpty()
                ? new Socket()
                : new Socket(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(loopback, socksPort.getAsInt())));
        socket.connect(new InetSocketAddress(loopback, targetPort));
        socket.setTcpNoDelay(true);
        return socket;
    }
}
