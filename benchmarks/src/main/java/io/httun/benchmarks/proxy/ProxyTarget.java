// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/** Two targets that cost as little as they can: one that echoes on thousands of connections, one that sends what is asked for. */
final class ProxyTarget implements AutoCloseable {
    private static final int BACKLOG = 16_384;
    private static final int BLOCK = 256 << 10;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel echo = ServerSocketChannel.open();
    private final ServerSocket bulk = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);

    ProxyTarget() throws IOException {
        echo.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        echo.configureBlocking(false);
        echo.register(selector, SelectionKey.OP_ACCEPT);
        daemon(this::echoAll);
        daemon(this::sendAll);
    }

    int echoPort() {
        return echo.socket().getLocalPort();
    }

    /** Takes a length of 8 bytes and sends so many; with a negative one it takes so many, and confirms with one byte. */
    int bulkPort() {
        return bulk.getLocalPort();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                System.err.println("target: " + e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void echoAll() throws IOException {
        while (selector.isOpen()) {
            selector.select();
            if (!selector.isOpen()) {
                return;
            }
            Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
            while (keys.hasNext()) {
                SelectionKey key = keys.next();
                keys.remove();
                if (key.isAcceptable()) {
                    accept();
                } else {
                    echo(key, (SocketChannel) key.channel());
                }
            }
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = echo.accept(); channel != null; channel = echo.accept()) {
            channel.configureBlocking(false);
            channel.socket().setTcpNoDelay(true);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key, SocketChannel channel) throws IOException {
        try {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                channel.close();
                return;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            // A client that resets has had enough.
            key.cancel();
            channel.close();
        }
    }

    private void sendAll() throws IOException {
        while (!bulk.isClosed()) {
            Socket socket = bulk.accept();
            daemon(() -> {
                try (socket) {
                    send(socket);
                } catch (SocketException e) {
                    // A client that resets has had enough.
                    socket.close();
                }
            });
        }
    }

    private static void send(Socket socket) throws IOException {
        byte[] block = new byte[BLOCK];
        byte[] wish = socket.getInputStream().readNBytes(Long.BYTES);
        if (wish.length < Long.BYTES) {
            // Somebody only looked whether anybody listens.
            return;
        }
        long length = ByteBuffer.wrap(wish).getLong();
        if (length < 0) {
            Bulk.read(socket, block, -length);
            socket.getOutputStream().write(1);
        } else {
            Bulk.write(socket, block, length);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        echo.close();
        bulk.close();
    }
}
