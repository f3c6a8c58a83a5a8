// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Minimal servers on loopback as the demo's targets, until they are closed. */
final class DemoTarget implements AutoCloseable {
    static final String BODY = "Hello from the far end of the tunnel.\n";
    static final String GREETING = "220 the far end speaks first";

    private static final Logger LOG = LoggerFactory.getLogger(DemoTarget.class);
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int BACKLOG = 8;

    private interface Talk {
        void to(Socket socket) throws IOException;
    }

    private final ServerSocket server;
    private final Talk talk;

    private DemoTarget(ServerSocket server, Talk talk) {
        this.server = server;
        this.talk = talk;
    }

    /** One HTTP answer for everything. */
    static DemoTarget web() throws IOException {
        return open(DemoTarget::answer);
    }

    /** Speaks first, as an SMTP server does, and ends when its client does. */
    static DemoTarget greeter() throws IOException {
        return open(DemoTarget::greet);
    }

    private static DemoTarget open(Talk talk) throws IOException {
        DemoTarget target = new DemoTarget(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), talk);
        Thread thread = new Thread(target::serve, "httun-demo-target");
        thread.setDaemon(true);
        thread.start();
        return target;
    }

    DemoParts.HostAndPort address() {
        return new DemoParts.HostAndPort(server.getInetAddress().getHostAddress(), server.getLocalPort());
    }

    InetSocketAddress socketAddress() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                talk.to(socket);
            } catch (IOException e) {
                LOG.debug("A connection to the demo target ended", e);
            }
        }
    }

    private static void greet(Socket socket) throws IOException {
        socket.getOutputStream().write((GREETING + "\r\n").getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private static void answer(Socket socket) throws IOException {
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
