// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What drives the modes of a stock client: one session at a time, with a thread for {@code r} and one for {@code w}
 * and a queue in each direction. When either fails the session is given up, what is queued is lost, and a new one is
 * initialised after a pause that grows with the failures; the local side is not told.
 */
final class StockTunnel implements AutoCloseable {

    /** Which operations a tunnel uses. */
    enum Mode {
        L3(StockOperation.L3_TO_SRV, StockOperation.L3_FROM_SRV),
        L7(StockOperation.L7_TO_SRV, StockOperation.L7_FROM_SRV),
        TEST(StockOperation.TEST_TO_SRV, StockOperation.TEST_FROM_SRV);

        private final StockOperation toServer;
        private final StockOperation fromServer;

        Mode(StockOperation toServer, StockOperation fromServer) {
            this.toServer = toServer;
            this.fromServer = fromServer;
        }
    }

    private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

    private final StockClient client;
    private final Mode mode;
    private final ClientTiming timing;
    private final BlockingQueue<byte[]> toServer = new ArrayBlockingQueue<>(1);
    private final BlockingQueue<byte[]> fromServer = new ArrayBlockingQueue<>(16);
    private final Thread driver = new Thread(this::drive, "stock-client-sessions");
    private boolean restart;
    private int failures;
    private volatile String lastFailure = "";

    StockTunnel(StockClient client, Mode mode, ClientTiming timing) {
        this.client = client;
        this.mode = mode;
        this.timing = timing;
        driver.setDaemon(true);
    }

    void start() {
        driver.start();
    }

    /** Gives the session up and returns when the next one is there. */
    synchronized void restart() throws InterruptedException {
        wantRestart();
        while (restart) {
            wait();
        }
    }

    void send(byte[] payload) throws InterruptedException {
        toServer.put(payload);
    }

    byte[] receive() throws InterruptedException {
        return fromServer.take();
    }

    /** Null when nothing came in time. */
    byte[] receive(Duration timeout) throws InterruptedException {
        return fromServer.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Why the last session was given up; empty when none was. */
    String lastFailure() {
        return lastFailure;
    }

    @Override
    public void close() {
        driver.interrupt();
    }

    private void drive() {
        try {
            while (true) {
                awaitRestart();
                try (StockSession session = client.init()) {
                    run(session);
                } catch (IOException e) {
                    failed(e);
                    pause();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** Returns when a restart is wanted; ends in an exception when a direction failed. */
    private void run(StockSession session) throws IOException, InterruptedException {
        toServer.clear();
        fromServer.clear();
        Direction r = new Direction("r", () -> fromServer.put(session.read(mode.fromServer)));
        Direction w = new Direction("w", () -> session.write(mode.toServer, toServer.take()));
        // Before they start: each may fail at once and want a restart.
        restarted();
        r.start();
        w.start();
        try {
            awaitRestart();
        } finally {
            r.interrupt();
            w.interrupt();
        }
        r.join();
        w.join();
        r.rethrow();
        w.rethrow();
        synchronized (this) {
            failures = 0;
        }
    }

    private synchronized void awaitRestart() throws InterruptedException {
        while (!restart) {
            wait();
        }
    }

    private synchronized void restarted() {
        restart = false;
        notifyAll();
    }

    private synchronized void failed(Exception e) {
        failures++;
        lastFailure = String.valueOf(e.getMessage());
        wantRestart();
    }

    private void pause() throws InterruptedException {
        Duration pause = timing.error().multipliedBy(failures);
        Thread.sleep((pause.compareTo(MAX_PAUSE) < 0 ? pause : MAX_PAUSE).toMillis());
    }

    private synchronized void wantRestart() {
        restart = true;
        notifyAll();
    }

    /** One message. */
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** Repeats one step until it fails or the session is given up. */
    private final class Direction extends Thread {

        private final Step step;
        private IOException failure;

        Direction(String name, Step step) {
            super("stock-client-" + name);
            setDaemon(true);
            this.step = step;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    step.run();
                }
            } catch (InterruptedException e) {
                // The session is given up.
            } catch (IOException e) {
                if (!isInterrupted()) {
                    failure = e;
                    wantRestart();
                }
            }
        }

        void rethrow() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
