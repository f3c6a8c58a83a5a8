// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/** Targets behind a tunnel, each connection with a thread of its own. */
final class Targets implements AutoCloseable {
    interface Service {
        void serve(Socket socket, Targets targets) throws IOException;
    }

    /** What each connection brought, complete when it is listed. */
    final List<byte[]> received = new CopyOnWriteArrayList<>();

    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Service service;

    Targets(Service service) throws IOException {
        this.service = service;
        this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        daemon("target", this::accept);
    }

    static Targets echo() throws IOException {
        return new Targets((socket, targets) -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    /** Takes everything until the end, then says so. */
    static Targets sink() throws IOException {
        return new Targets((socket, targets) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            targets.received.add(all.toByteArray());
        });
    }

    /** Sends these bytes after the first byte it gets, then closes. */
    static Targets source(byte[] bytes) throws IOException {
        return new Targets((socket, targets) -> {
            InputStream in = socket.getInputStream();
            if (in.read() >= 0) {
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                socket.shutdownOutput();
                in.transferTo(OutputStream.nullOutputStream());
            }
        });
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    int connections() {
        return sockets.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                daemon("target", () -> serve(socket));
            }
        } catch (IOException e) {
            received.addAll(List.of());
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            service.serve(socket, this);
        } catch (IOException e) {
            // The other end went away, as some tests want.
            sockets.remove(socket);
        }
    }

    static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
