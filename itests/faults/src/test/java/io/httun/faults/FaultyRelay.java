// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.faults.Plan.Injection;
import io.httun.faults.Plan.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy between client and server that does to requests and replies what its plan says. */
final class FaultyRelay implements Closeable {
    private static final int KEPT = 16;

    private final ServerSocket listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Deque<byte[]> replies = new ConcurrentLinkedDeque<>();
    private final AtomicInteger injected = new AtomicInteger();
    private volatile InetSocketAddress server;
    private volatile Plan plan = Plan.NOTHING;
    private volatile List<byte[]> foreign = List.of();
    private volatile InetAddress source = InetAddress.getLoopbackAddress();
    private volatile boolean unreachable;
    private volatile boolean oneRequest;
    private volatile int idleMillis;

    FaultyRelay(InetSocketAddress server) throws IOException {
        this(server, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private FaultyRelay(InetSocketAddress server, InetSocketAddress local) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(local.getPort(), 500, local.getAddress());
        start(this::accept);
    }

    /** Another one to the same server, on the same port of another address. */
    FaultyRelay twin(InetAddress address) throws IOException {
        return new FaultyRelay(server, new InetSocketAddress(address, port()));
    }

    int port() {
        return listener.getLocalPort();
    }

    void plan(Plan next) {
        plan = next;
    }

    /** Frames of another session, said in place of right ones. */
    void foreign(List<byte[]> frames) {
        foreign = List.copyOf(frames);
    }

    /** Where new connections go. */
    void server(InetSocketAddress address) {
        server = address;
    }

    /** Cuts every connection and answers no new one, or answers again. */
    void unreachable(boolean now) {
        unreachable = now;
        sockets.forEach(FaultyRelay::cut);
    }

    /** Cuts each connection with a probability. */
    void cutSome(Random random, int percent) {
        sockets.stream().filter(socket -> random.nextInt(100) < percent).forEach(FaultyRelay::cut);
    }

    /** From which address the server sees the client from now on; what came from the one before is cut. */
    void source(InetAddress address) {
        source = address;
        sockets.forEach(FaultyRelay::cut);
    }

    boolean isUnreachable() {
        return unreachable;
    }

    /** One request a connection. */
    void oneRequest() {
        oneRequest = true;
    }

    /** Closes connections on which nothing has come for this long. */
    void closesIdle(int millis) {
        idleMillis = millis;
    }

    int idleMillis() {
        return idleMillis;
    }

    boolean isOneRequest() {
        return oneRequest;
    }

    /** Faults so far. */
    int injected() {
        return injected.get();
    }

    List<byte[]> replies() {
        return new ArrayList<>(replies);
    }

    List<byte[]> foreign() {
        return foreign;
    }

    Injection next(Kind kind) {
        Injection injection = plan.next(kind);
        if (injection.fault() != LineFault.NONE) {
            injected.incrementAndGet();
        }
        return injection;
    }

    void remember(byte[] reply) {
        replies.add(reply);
        if (replies.size() > KEPT) {
            replies.poll();
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        track(socket);
        socket.bind(new InetSocketAddress(source, 0));
        socket.connect(server, 5000);
        return socket;
    }

    /** Waits, unless the relay closes. */
    void pause(long millis) throws IOException {
        try {
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("the relay is closed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void track(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        if (unreachable || closed.getCount() == 0) {
            cut(socket);
        }
    }

    void forget(Socket socket) {
        sockets.remove(socket);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                track(client);
                start(new RelayedConnection(this, client));
            } catch (IOException e) {
                // Closed, or the client has gone again.
                closed.getCount();
            }
        }
    }

    static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    static void cut(Socket socket) {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
            socket.isClosed();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        sockets.forEach(FaultyRelay::cut);
    }
}
