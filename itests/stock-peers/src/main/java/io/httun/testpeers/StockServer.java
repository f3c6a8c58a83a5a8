// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.UUID;

/**
 * A server with the quirks of the stock standalone one (wire protocol, sections 1, 4, 5 and 8), written from that text
 * on raw sockets and blocking threads. Listens on 127.0.0.1; keeps its port when it is stopped and started again.
 */
public final class StockServer implements AutoCloseable {

    private final StockServerOptions options;
    private final StockTraffic traffic = new StockTraffic();
    private final Faults faults = new Faults();
    private volatile ServerState state;
    private volatile ServerSocket listener;
    private volatile int port;
    private Thread acceptor;
    private Thread sweeper;

    StockServer(StockServerOptions options, int port) {
        this.options = options;
        this.port = port;
    }

    public static StockServerBuilder builder() {
        return new StockServerBuilder();
    }

    /** Listens; after a stop, on the same port and with no session. */
    public synchronized StockServer start() throws IOException {
        if (listener != null) {
            throw new IllegalStateException("already listening on port " + port);
        }
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 256);
        port = socket.getLocalPort();
        ServerState started = new ServerState(options, traffic, faults);
        state = started;
        listener = socket;
        acceptor = daemon(() -> accept(socket, started), "accept");
        acceptor.start();
        sweeper = daemon(() -> sweep(started), "sweep");
        sweeper.start();
        return this;
    }

    /** Closes everything, also in the middle of a request; sessions are forgotten. */
    public synchronized void stop() throws IOException {
        if (listener != null) {
            listener.close();
            listener = null;
            sweeper.interrupt();
            state.stop();
            awaitAcceptor();
        }
    }

    /** The port is free only when nobody is in accept any more. */
    private void awaitAcceptor() {
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void restart() throws IOException {
        stop();
        start();
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    public int port() {
        return port;
    }

    public InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public UUID uuid() {
        return options.uuid();
    }

    public StockTraffic traffic() {
        return traffic;
    }

    /** Lets the next requests of a kind go wrong; faults of one kind queue up. */
    public void next(StockRequest.Kind kind, int times, Fault fault) {
        faults.add(kind, times, fault);
    }

    public void next(StockRequest.Kind kind, Fault fault) {
        next(kind, 1, fault);
    }

    public void clearFaults() {
        faults.clear();
    }

    /** Closes all HTTP connections; sessions stay. */
    public void closeConnections() {
        state.connections().forEach(ServerConnection::abort);
    }

    /** Closes the HTTP connections that are between two requests; sessions stay. */
    public void closeIdleConnections() {
        state.connections().stream().filter(connection -> !connection.isBusy()).forEach(ServerConnection::abort);
    }

    public int openConnections() {
        return state.connections().size();
    }

    /** Requests being worked on, such as an {@code r} that waits. */
    public int busyConnections() {
        return (int)
                state.connections().stream().filter(ServerConnection::isBusy).count();
    }

    /** Whether the channel has a connection to a target. */
    public boolean isTargetConnected(int channel) {
        return state.channel(channel).target().isConnected();
    }

    private void accept(ServerSocket socket, ServerState current) {
        try {
            while (true) {
                Socket accepted = socket.accept();
                ServerConnection connection = new ServerConnection(traffic.connected(), accepted, options, current);
                current.started(connection);
                if (socket.isClosed()) {
                    connection.abort();
                }
                daemon(connection, "connection").start();
            }
        } catch (IOException | InterruptedException e) {
            if (!socket.isClosed()) {
                traffic.refused("accept: " + e.getMessage());
            }
        }
    }

    private void sweep(ServerState current) {
        try {
            while (true) {
                Thread.sleep(options.timing().sweep().toMillis());
                current.sweep();
            }
        } catch (InterruptedException e) {
            // Stopped.
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, "stock-server-" + name);
        thread.setDaemon(true);
        return thread;
    }
}
