// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The part of SOCKS 5 (RFC 1928) that connects to an IPv4 address, without a tunnel. */
final class FakeSocks implements AutoCloseable {
    private static final byte[] NO_LOGIN = {5, 0};
    private static final byte[] CONNECTED = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    private static final byte[] FAILED = {5, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    private static final byte[] REFUSED = {5, 5, 0, 1, 0, 0, 0, 0, 0, 0};

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final List<IOException> troubles = new CopyOnWriteArrayList<>();
    volatile int failures;
    /** Says that it is connected before it is. */
    volatile boolean optimistic;

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

    /** Continues after a client error: tests include clients that give up early. */
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
        if (optimistic) {
            socket.getOutputStream().write(CONNECTED);
        }
        try (Socket target = new Socket(InetAddress.getByAddress(address), port)) {
            if (!optimistic) {
                socket.getOutputStream().write(CONNECTED);
            }
            Thread up = new Thread(() -> carryUp(in, target), "fake-socks-up");
            up.setDaemon(true);
            up.start();
            target.getInputStream().transferTo(socket.getOutputStream());
        } catch (ConnectException e) {
            if (!optimistic) {
                socket.getOutputStream().write(REFUSED);
            }
        }
    }

    private void carryUp(InputStream in, Socket target) {
        try {
            in.transferTo(target.getOutputStream());
            target.shutdownOutput();
        } catch (SocketException e) {
            // The other direction has ended, and both sockets with it.
        } catch (IOException e) {
            troubles.add(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
