// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Just enough of SOCKS 5 (RFC 1928) to connect to an IPv4 address, without any tunnel. */
final class FakeSocks implements AutoCloseable {
    private static final byte[] NO_LOGIN = {5, 0};
    private static final byte[] CONNECTED = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    private static final byte[] FAILED = {5, 1, 0, 1, 0, 0, 0, 0, 0, 0};

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final List<IOException> troubles = new CopyOnWriteArrayList<>();
    volatile int failures;

    FakeSocks() throws IOException {
        Thread thread = new Thread(this::serve, "fake-socks");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    List<IOException> troubles() {
        return troubles;
    }

    int connections() {
        return connections.get();
    }

    /** Goes on whatever a client does: one that gives up early is part of the tests. */
    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                carry(socket, connections.incrementAndGet());
            } catch (IOException e) {
                troubles.add(e);
            }
        }
    }

    private void carry(Socket socket, int number) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        in.readByte();
        in.readFully(new byte[in.readByte()]);
        socket.getOutputStream().write(NO_LOGIN);
        in.readFully(new byte[4]);
        byte[] address = new byte[4];
        in.readFully(address);
        int port = in.readUnsignedShort();
        if (number <= failures) {
            socket.getOutputStream().write(FAILED);
            return;
        }
        try (Socket target = new Socket(InetAddress.getByAddress(address), port)) {
            socket.getOutputStream().write(CONNECTED);
            byte[] request = new byte[1000];
            target.getOutputStream().write(request, 0, in.read(request));
            target.getInputStream().transferTo(socket.getOutputStream());
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
