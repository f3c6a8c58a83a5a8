// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/** The measured work. Every byte is checked; a wrong one fails the run. */
final class Work {
    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final LongSupplier CLOCK = System::nanoTime;

    private final Route path;
    private final int target;

    Work(Route path, int target) {
        this.path = path;
        this.target = target;
    }

    /** MiB per second over all connections, in each direction that the command moves bytes in. */
    double bulk(int command, int connections, long bytesEach) throws Exception {
        long begin = CLOCK.getAsLong();
        atOnce(connections, () -> transfer(command, bytesEach));
        return connections * bytesEach / MIB / seconds(begin);
    }

    /** One connection that moves so many bytes. */
    Void transfer(int command, long bytes) throws Exception {
        try (Socket socket = path.open(target)) {
            begin(socket, command, bytes);
            switch (command) {
                case TargetServer.DOWNLOAD -> BulkPattern.check(socket.getInputStream(), bytes);
                case TargetServer.UPLOAD -> {
                    BulkPattern.write(socket.getOutputStream(), bytes);
                    confirm(socket);
                }
                default -> {
                    Thread writer = new Thread(() -> {
                        try {
                            BulkPattern.write(socket.getOutputStream(), bytes);
                        } catch (IOException e) {
                            System.err.println("upload: " + e);
                        }
                    });
                    writer.start();
                    BulkPattern.check(socket.getInputStream(), bytes);
                    writer.join();
                    confirm(socket);
                }
            }
        }
        return null;
    }

    /** Round-trip times of one byte in milliseconds: p50 and p99. */
    double[] exchanges(int warmUp, int count) throws IOException {
        double[] times = new double[count];
        try (Socket socket = path.open(target)) {
            begin(socket, TargetServer.ECHO, 0);
            for (int i = -warmUp; i < count; i++) {
                long begin = CLOCK.getAsLong();
                socket.getOutputStream().write(1);
                if (socket.getInputStream().read() != 1) {
                    throw new IOException("wrong echo");
                }
                if (i >= 0) {
                    times[i] = (CLOCK.getAsLong() - begin) / NANOS_PER_MILLI;
                }
            }
        }
        Arrays.sort(times);
        return new double[] {times[count / 2], times[count * 99 / 100]};
    }

    /** Connections per second, each with one exchange of one byte. */
    double connections(int atOnce, int each) throws Exception {
        long begin = CLOCK.getAsLong();
        atOnce(atOnce, () -> {
            for (int i = 0; i < each; i++) {
                try (Socket socket = path.open(target)) {
                    begin(socket, TargetServer.ECHO, 0);
                    socket.getOutputStream().write(1);
                    if (socket.getInputStream().read() != 1) {
                        throw new IOException("wrong echo");
                    }
                }
            }
            return null;
        });
        return atOnce * each / seconds(begin);
    }

    /** Something that is timed. */
    interface Step {
        void run() throws IOException;
    }

    /** The median of so many runs, in milliseconds. */
    static double median(int count, Step step) throws IOException {
        double[] times = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = CLOCK.getAsLong();
            step.run();
            times[i] = (CLOCK.getAsLong() - begin) / NANOS_PER_MILLI;
        }
        Arrays.sort(times);
        return times[count / 2];
    }

    static void expect(Socket socket, int wanted) throws IOException {
        int got = socket.getInputStream().read();
        if (got != wanted) {
            throw new IOException("byte " + got + ", expected " + wanted);
        }
    }

    private static void begin(Socket socket, int command, long length) throws IOException {
        DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream()));
        out.write(command);
        out.writeLong(length);
        out.flush();
    }

    private static void confirm(Socket socket) throws IOException {
        if (socket.getInputStream().read() != 'K') {
            throw new IOException("the target did not get every byte right");
        }
    }

    private static double seconds(long begin) {
        return (CLOCK.getAsLong() - begin) / NANOS_PER_SECOND;
    }

    static void atOnce(int count, Callable<Void> task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                running.add(threads.submit(task));
            }
            for (Future<Void> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
