// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A way to a target on loopback.
 *
 * @param name for the report
 * @param port of the proxy; 0 = direct
 * @param source address of loopback that connections come from; empty = as the kernel chooses, which does not run out of ports
 * @param connect whether the proxy is asked with CONNECT; a relay of TCP asks nothing
 */
record ProxyWay(String name, int port, String source, boolean connect) {
    private static final int TIMEOUT_MILLIS = 30_000;

    ProxyWay(String name, int port, boolean connect) {
        this(name, port, "", connect);
    }

    ProxyWay from(String other) {
        return new ProxyWay(name, port, other, connect);
    }

    Socket open(int target) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        if (!source.isEmpty()) {
            socket.bind(new InetSocketAddress(source, 0));
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port == 0 ? target : port));
        if (connect) {
            ask(socket, target);
        }
        return socket;
    }

    private static void ask(Socket socket, int target) throws IOException {
        String address = "127.0.0.1:" + target;
        String request = "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        byte[] head = new byte[1024];
        int length = 0;
        InputStream in = socket.getInputStream();
        while (!new String(head, 0, length, StandardCharsets.US_ASCII).contains("\r\n\r\n")) {
            int read = in.read(head, length, head.length - length);
            if (read <= 0) {
                throw new IOException("no answer to CONNECT");
            }
            length += read;
        }
        String answer = new String(head, 0, length, StandardCharsets.US_ASCII);
        if (!answer.matches("(?s)HTTP/1\\.[01] 200 .*")) {
            throw new IOException("refused: " + answer.lines().findFirst().orElse(""));
        }
    }
}
