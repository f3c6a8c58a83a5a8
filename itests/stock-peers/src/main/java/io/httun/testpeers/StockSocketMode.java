// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Optional;

/**
 * The {@code socket} mode of a stock client: one local connection after the other, each in a session of its own. A
 * close by the target is not passed on, an end of the local stream closes everything, and a session that is lost and
 * initialised again goes on with the same local connection and a hole in its data.
 */
public final class StockSocketMode implements AutoCloseable {

    private static final byte[] CLOSE = {};

    private final StockTunnel tunnel;
    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Thread acceptor = new Thread(this::accept, "stock-client-socket");
    private volatile Socket current;

    StockSocketMode(StockTunnel tunnel, InetSocketAddress target) throws IOException {
        this.tunnel = tunnel;
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        tunnel.start();
        acceptor.setDaemon(true);
        acceptor.start();
    }

    public int localPort() {
        return listener.getLocalPort();
    }

    /** Why the last session was given up, if one was. */
    public Optional<String> lastFailure() {
        return Optional.of(tunnel.lastFailure()).filter(text -> !text.isEmpty());
    }

    @Override
    public void close() throws IOException {
        listener.close();
        tunnel.close();
        acceptor.interrupt();
        Socket open = current;
        if (open != null) {
            open.close();
        }
    }

    private void accept() {
        try {
            tunnel.restart();
            while (true) {
                try (Socket local = listener.accept()) {
                    current = local;
                    local.setTcpNoDelay(true);
                    carry(local);
                }
                tunnel.send(new StockContainer(target, CLOSE).toBytes());
                tunnel.restart();
            }
        } catch (IOException | InterruptedException e) {
            // Closed.
        }
    }

    /** Returns when the local stream ends or fails. */
    private void carry(Socket local) throws InterruptedException {
        Thread writer = new Thread(() -> writeLocal(local), "stock-client-local");
        writer.setDaemon(true);
        writer.start();
        byte[] buffer = new byte[StockContainer.MAX_DATA];
        try {
            for (int n = local.getInputStream().read(buffer);
                    n >= 0;
                    n = local.getInputStream().read(buffer)) {
                tunnel.send(new StockContainer(target, Arrays.copyOf(buffer, n)).toBytes());
            }
        } catch (IOException e) {
            // Reset by the local side: the same as its end.
        } finally {
            close(local);
            writer.interrupt();
            writer.join();
        }
    }

    private void writeLocal(Socket local) {
        try {
            while (true) {
                StockContainer container = StockContainer.parse(tunnel.receive());
                local.getOutputStream().write(container.data());
            }
        } catch (IOException e) {
            close(local);
        } catch (InterruptedException e) {
            // The local stream ended.
        }
    }

    private static void close(Socket local) {
        try {
            local.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close a local connection", e);
        }
    }
}
