// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What proxies do that none of the real ones can be configured to: a reverse proxy on loopback with one bad habit. */
final class EmulatedProxy implements AutoCloseable {
    enum Habit {
        /** Closes every connection on which nothing has moved for 10 s. */
        CUTS_AFTER_10_SECONDS,
        ONE_REQUEST_PER_CONNECTION,
        /** As the former, without a header that says so. */
        CLOSES_AFTER_EACH_REPLY,
        /** The others wait for their turn. */
        FOUR_AT_A_TIME,
        LIMIT_1_MIB,
        LIMIT_64_KIB,
        REFUSES_POST,
        HOLDS_HEAD_BACK,
        CAPTIVE_PORTAL
    }

    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *([0-9]+)");
    private static final int MOST = 1 << 20;
    private static final int SMALL = 64 << 10;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore turns = new Semaphore(4);
    private final Habit habit;
    private final int backend;

    EmulatedProxy(Habit habit, int backend) throws IOException {
        this.habit = habit;
        this.backend = backend;
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/httun";
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The other end has gone, or the test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            sockets.add(client);
            start(() -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), backend)) {
            sockets.add(server);
            if (habit == Habit.CUTS_AFTER_10_SECONDS) {
                client.setSoTimeout(10_000);
                server.setSoTimeout(10_000);
            }
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            while (exchange(client, server)) {
                // the next request
            }
        }
    }

    private boolean exchange(Socket client, Socket server) throws IOException {
        InputStream from = client.getInputStream();
        OutputStream to = client.getOutputStream();
        String head = head(from);
        int length = length(head);
        String refusal = refusal(head, length);
        byte[] body = refusal.isEmpty() ? from.readNBytes(length) : new byte[0];
        if (!refusal.isEmpty()) {
            to.write((refusal + "\r\nconnection: close\r\n\r\n").getBytes(ISO_8859_1));
            client.shutdownOutput();
            from.skipNBytes(Math.min(length, MOST));
            return false;
        }
        if (habit == Habit.FOUR_AT_A_TIME) {
            turns.acquireUninterruptibly();
        }
        try {
            server.getOutputStream().write(join(head.getBytes(ISO_8859_1), body));
            return answer(server.getInputStream(), to);
        } finally {
            if (habit == Habit.FOUR_AT_A_TIME) {
                turns.release();
            }
        }
    }

    private String refusal(String head, int length) {
        if (habit == Habit.CAPTIVE_PORTAL) {
            return "HTTP/1.1 302 Found\r\nlocation: http://login.test/\r\ncontent-length: 0";
        } else if (habit == Habit.REFUSES_POST && head.startsWith("POST ")) {
            return "HTTP/1.1 405 Method Not Allowed\r\nallow: GET\r\ncontent-length: 0";
        } else if (habit == Habit.LIMIT_1_MIB && length > MOST || habit == Habit.LIMIT_64_KIB && length > SMALL) {
            return "HTTP/1.1 413 Content Too Large\r\ncontent-length: 0";
        }
        return "";
    }

    private boolean answer(InputStream from, OutputStream to) throws IOException {
        String head = head(from);
        int length = length(head);
        boolean last = habit == Habit.ONE_REQUEST_PER_CONNECTION;
        byte[] shown =
                (last ? head.substring(0, head.length() - 2) + "connection: close\r\n\r\n" : head).getBytes(ISO_8859_1);
        if (habit == Habit.HOLDS_HEAD_BACK) {
            to.write(join(shown, from.readNBytes(length)));
        } else {
            to.write(shown);
            byte[] piece = new byte[16 << 10];
            for (int left = length; left > 0; ) {
                int read = from.read(piece, 0, Math.min(piece.length, left));
                if (read < 0) {
                    throw new EOFException();
                }
                to.write(piece, 0, read);
                left -= read;
            }
        }
        return !last && habit != Habit.CLOSES_AFTER_EACH_REPLY;
    }

    private static byte[] join(byte[] head, byte[] body) {
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.write(next);
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
        }
        return head.toString(ISO_8859_1);
    }

    private static int length(String head) {
        Matcher length = LENGTH.matcher(head);
        return length.find() ? Integer.parseInt(length.group(1)) : 0;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
