// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The {@code test} mode of a stock client: pings of 32 KiB of hex text, each answered by its pong. */
public final class StockTestMode implements AutoCloseable {

    private static final int RANDOM_BYTES = 16 * 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final StockTunnel tunnel;
    private final Duration period;
    private final ClientTiming timing;
    private final Thread pinger = new Thread(this::ping, "stock-client-test");
    private final AtomicLong pongs = new AtomicLong();
    private final AtomicLong timeouts = new AtomicLong();
    private volatile boolean wrongPong;

    StockTestMode(StockTunnel tunnel, Duration period, ClientTiming timing) {
        this.tunnel = tunnel;
        this.period = period;
        this.timing = timing;
        tunnel.start();
        pinger.setDaemon(true);
        pinger.start();
    }

    /** Right answers so far. */
    public long pongs() {
        return pongs.get();
    }

    /** Pings that were given up, each with its session. */
    public long timeouts() {
        return timeouts.get();
    }

    /** A wrong answer ends the mode, as it ends the stock program. */
    public boolean sawWrongPong() {
        return wrongPong;
    }

    /** Why the last session was given up, if one was. */
    public Optional<String> lastFailure() {
        return Optional.of(tunnel.lastFailure()).filter(text -> !text.isEmpty());
    }

    @Override
    public void close() {
        pinger.interrupt();
        tunnel.close();
    }

    private void ping() {
        byte[] random = new byte[RANDOM_BYTES];
        try {
            tunnel.restart();
            for (int count = 0; !wrongPong; count++) {
                Thread.sleep(period.toMillis());
                RANDOM.nextBytes(random);
                String text = String.format(
                        "%08X %s", count, HexFormat.of().withUpperCase().formatHex(random));
                tunnel.send(text.getBytes(StandardCharsets.US_ASCII));
                byte[] pong = tunnel.receive(timing.pong());
                if (pong == null) {
                    timeouts.incrementAndGet();
                    tunnel.restart();
                } else if (Arrays.equals(pong, ("Pong: " + text).getBytes(StandardCharsets.US_ASCII))) {
                    pongs.incrementAndGet();
                } else {
                    wrongPong = true;
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }
}
