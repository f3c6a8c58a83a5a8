// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A target that speaks first, as SMTP and MySQL servers do: one byte to each connection. */
final class Greeter implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());

    Greeter() throws IOException {
        Thread thread = new Thread(this::accept, "greeter");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write('2');
                socket.shutdownOutput();
            } catch (IOException e) {
                if (!server.isClosed()) {
                    System.err.println("greeter: " + e);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
