// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A slow line: each direction of each connection carries so many bytes a second. */
final class ThrottledRelay implements AutoCloseable {
    private static final int BUFFER = 8192;
    private static final int STEPS = 50;

    volatile int bytesPerSecond;

    private final ServerSocket listener;
    private final int to;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    ThrottledRelay(int to, int bytesPerSecond) throws IOException {
        this.to = to;
        this.bytesPerSecond = bytesPerSecond;
        this.listener = new ServerSocket();
        listener.setReceiveBufferSize(BUFFER);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Targets.daemon("slow-line", this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket from = listener.accept();
                Socket on = new Socket(InetAddress.getLoopbackAddress(), to);
                from.setSendBufferSize(BUFFER);
                sockets.add(from);
                sockets.add(on);
                Targets.daemon("slow-line", () -> carry(from, on));
                Targets.daemon("slow-line", () -> carry(on, from));
            }
        } catch (IOException e) {
            sockets.clear();
        }
    }

    private void carry(Socket from, Socket on) {
        try (from;
                on) {
            InputStream in = from.getInputStream();
            OutputStream out = on.getOutputStream();
            byte[] buffer = new byte[1 << 20];
            int count = 0;
            while (count >= 0) {
                out.write(buffer, 0, count);
                LockSupport.parkNanos(count * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond);
                count = in.read(buffer, 0, Math.max(1, Math.min(buffer.length, bytesPerSecond / STEPS)));
            }
        } catch (IOException e) {
            sockets.remove(from);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
