// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the measured connections go to. Each begins with a command byte and a length of eight bytes. */
final class TargetServer implements AutoCloseable {
    static final int UPLOAD = 'U';
    static final int DOWNLOAD = 'D';
    static final int BOTH = 'B';
    static final int ECHO = 'E';

    private static final int BACKLOG = 1024;
    private static final int OK = 'K';
    private static final int WRONG = 'W';

    private final ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    TargetServer() throws IOException {
        threads.execute(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            int command = in.read();
            long length = in.readLong();
            switch (command) {
                case UPLOAD -> out.write(received(in, length));
                case DOWNLOAD -> BulkPattern.write(out, length);
                case BOTH -> {
                    var check = threads.submit(() -> received(in, length));
                    BulkPattern.write(out, length);
                    out.write(check.get());
                }
                default -> echo(in, out);
            }
            out.flush();
        } catch (Exception e) {
            System.err.println("target: " + e);
        }
    }

    private static int received(DataInputStream in, long length) {
        try {
            BulkPattern.check(in, length);
            return OK;
        } catch (IOException e) {
            System.err.println("target received: " + e);
            return WRONG;
        }
    }

    private static void echo(DataInputStream in, OutputStream out) throws IOException {
        for (int read = in.read(); read >= 0; read = in.read()) {
            out.write(read);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
