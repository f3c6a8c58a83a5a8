// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/** What is measured on one way. */
final class ProxyWork {
    private static final int BLOCK = 256 << 10;
    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final LongSupplier CLOCK = System::nanoTime;

    private final ProxyWay way;
    private final ProxyTarget target;

    ProxyWork(ProxyWay way, ProxyTarget target) {
        this.way = way;
        this.target = target;
    }

    /** MiB per second from the target. */
    double download(long bytes) throws IOException {
        byte[] block = new byte[BLOCK];
        try (Socket socket = way.open(target.bulkPort())) {
            long begin = CLOCK.getAsLong();
            ask(socket, bytes);
            Bulk.read(socket, block, bytes);
            return bytes / MIB / seconds(begin);
        }
    }

    /** MiB per second to the target. */
    double upload(long bytes) throws IOException {
        byte[] block = new byte[BLOCK];
        try (Socket socket = way.open(target.bulkPort())) {
            long begin = CLOCK.getAsLong();
            ask(socket, -bytes);
            Bulk.write(socket, block, bytes);
            Bulk.read(socket, block, 1);
            return bytes / MIB / seconds(begin);
        }
    }

    private static void ask(Socket socket, long length) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(Long.BYTES).putLong(length).array());
    }

    /** Round-trip times of one byte in milliseconds: p50 and p99. */
    double[] exchanges(int count) throws IOException {
        double[] times = new double[count];
        try (Socket socket = way.open(target.echoPort())) {
            for (int i = -count; i < count; i++) {
                long begin = CLOCK.getAsLong();
                exchange(socket);
                if (i >= 0) {
                    times[i] = (CLOCK.getAsLong() - begin) / NANOS_PER_MILLI;
                }
            }
        }
        Arrays.sort(times);
        return new double[] {times[count / 2], times[count * 99 / 100]};
    }

    /** The same while another source downloads on so many connections. */
    double[] exchangesBeside(int busy, String other, int count) throws Exception {
        List<Socket> noise = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(busy);
        try {
            for (int i = 0; i < busy; i++) {
                Socket socket = way.from(other).open(target.bulkPort());
                noise.add(socket);
                ask(socket, Long.MAX_VALUE);
                threads.submit(() -> {
                    Bulk.read(socket, new byte[BLOCK / 16], Long.MAX_VALUE);
                    return null;
                });
            }
            return exchanges(count);
        } finally {
            for (Socket socket : noise) {
                socket.close();
            }
            threads.shutdownNow();
        }
    }

    private static void exchange(Socket socket) throws IOException {
        socket.getOutputStream().write(1);
        if (socket.getInputStream().read() != 1) {
            throw new IOException("wrong echo");
        }
    }

    /** Connections per second, each with one exchange of one byte. */
    double connections(int atOnce, int each) throws Exception {
        long begin = CLOCK.getAsLong();
        ExecutorService threads = Executors.newFixedThreadPool(atOnce);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                running.add(threads.submit(() -> {
                    for (int k = 0; k < each; k++) {
                        try (Socket socket = way.open(target.echoPort())) {
                            exchange(socket);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        return atOnce * each / seconds(begin);
    }

    /** So many connections that do nothing until all of them are there, and then one exchange each. */
    List<Socket> idle(int count) throws IOException {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(way.open(target.echoPort()));
        }
        return open;
    }

    static void answerAll(List<Socket> open) throws IOException {
        for (Socket socket : open) {
            exchange(socket);
        }
    }

    private static double seconds(long begin) {
        return (CLOCK.getAsLong() - begin) / NANOS_PER_SECOND;
    }
}
