// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** A TCP relay that holds every byte back for a fixed time in each direction. Does not limit the rate. */
public final class DelayRelay implements Closeable {
    private static final int BACKLOG = 1024;
    private static final int CHUNK = 64 << 10;
    private static final int MAX_CHUNKS = 4096;

    private record Delayed(long due, byte[] bytes) {}

    private final ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int target;
    private final long oneWayNanos;

    public DelayRelay(int target, long oneWayMillis) throws IOException {
        this.target = target;
        this.oneWayNanos = TimeUnit.MILLISECONDS.toNanos(oneWayMillis);
        threads.execute(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                join(near, far);
            } catch (IOException e) {
                if (!server.isClosed()) {
                    System.err.println("relay: " + e);
                }
            }
        }
    }

    private void join(Socket near, Socket far) {
        try {
            carry(near, far);
            carry(far, near);
        } catch (RejectedExecutionException e) {
            // The relay was closed while the connection came.
            abort(near, far);
        }
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Delayed> line = new LinkedBlockingQueue<>(MAX_CHUNKS);
        threads.execute(() -> {
            try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[CHUNK];
                int read;
                do {
                    read = in.read(buffer);
                    byte[] bytes = new byte[Math.max(read, 0)];
                    System.arraycopy(buffer, 0, bytes, 0, bytes.length);
                    line.put(new Delayed(System.nanoTime() + oneWayNanos, bytes));
                } while (read >= 0);
            } catch (IOException | InterruptedException e) {
                abort(from, to);
            }
        });
        threads.execute(() -> {
            try {
                OutputStream out = to.getOutputStream();
                for (Delayed next = line.take(); next.bytes().length > 0; next = line.take()) {
                    TimeUnit.NANOSECONDS.sleep(next.due() - System.nanoTime());
                    out.write(next.bytes());
                }
                to.shutdownOutput();
            } catch (IOException | InterruptedException e) {
                abort(from, to);
            }
        });
    }

    private static void abort(Socket... sockets) {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                System.err.println("relay: " + e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
