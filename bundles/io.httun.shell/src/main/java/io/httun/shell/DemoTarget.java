// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The smallest HTTP server that shows a tunnel: one answer for everything, on loopback, until it is closed. */
final class DemoTarget implements AutoCloseable {
    static final String BODY = "Hello from the far end of the tunnel.\n";

    private static final Logger LOG = LoggerFactory.getLogger(DemoTarget.class);
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int BACKLOG = 8;

    private final ServerSocket server;

    private DemoTarget(ServerSocket server) {
        this.server = server;
    }

    static DemoTarget open() throws IOException {
        DemoTarget target = new DemoTarget(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
        Thread thread = new Thread(target::serve, "httun-demo-target");
        thread.setDaemon(true);
        thread.start();
        return target;
    }

    DemoParts.HostAndPort address() {
        return new DemoParts.HostAndPort(server.getInetAddress().getHostAddress(), server.getLocalPort());
    }

    InetAddress host() {
        return server.getInetAddress();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer(socket);
            } catch (IOException e) {
                LOG.debug("A connection to the demo's target ended", e);
            }
        }
    }

    private static void answer(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        String line = in.readLine();
        while (line != null && !line.isEmpty()) {
            line = in.readLine();
        }
        String reply = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: "
                + BODY.length() + "\r\n\r\n" + BODY;
        socket.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
