// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;
import java.util.Optional;

/** The {@code tun} mode of a stock client: each packet of its device in a frame of its own, and back (wire protocol, section 6). */
public final class StockTunMode implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final StockTunnel tunnel;
    private final StockDevice device;
    private final Thread out = new Thread(this::send, "stock-client-tun-out");
    private final Thread in = new Thread(this::receive, "stock-client-tun-in");

    StockTunMode(StockTunnel tunnel, StockDevice device) {
        this.tunnel = tunnel;
        this.device = device;
        tunnel.start();
        for (Thread each : new Thread[] {out, in}) {
            each.setDaemon(true);
            each.start();
        }
    }

    /** Why the last session was given up, if one was. */
    public Optional<String> lastFailure() {
        return Optional.of(tunnel.lastFailure()).filter(text -> !text.isEmpty());
    }

    @Override
    public void close() {
        out.interrupt();
        in.interrupt();
        tunnel.close();
    }

    private void send() {
        try {
            tunnel.restart();
            while (true) {
                Optional<byte[]> packet = device.read(LOOK);
                if (packet.isPresent()) {
                    tunnel.send(packet.get());
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void receive() {
        try {
            while (true) {
                device.write(tunnel.receive());
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }
}
