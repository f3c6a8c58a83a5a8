// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Strangers who send whatever they like as fast as it goes, and come again when they are thrown out. */
public final class Flood implements AutoCloseable {
    private static final int STRANGERS = 4;
    private static final int PIPELINED = 16;
    private static final int PATIENCE_MILLIS = 2_000;

    private final URI base;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong thrownOut = new AtomicLong();
    private volatile boolean ended;

    /** @param base URL of an endpoint */
    public Flood(String base) {
        this.base = URI.create(base);
        for (int seed = 0; seed < STRANGERS; seed++) {
            Random random = new Random(seed);
            Thread thread = new Thread(() -> flood(random), "stranger");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** How many requests have been sent, if they can be called that. */
    public long sent() {
        return sent.get();
    }

    /** How often they had to connect again. */
    public long thrownOut() {
        return thrownOut.get();
    }

    private void flood(Random random) {
        byte[] read = new byte[1 << 16];
        while (!ended) {
            try (Socket socket = new Socket(base.getHost(), base.getPort())) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                InputStream in = socket.getInputStream();
                int got = 0;
                while (!ended && got >= 0) {
                    socket.getOutputStream().write(garbage(random));
                    sent.addAndGet(PIPELINED);
                    got = in.read(read);
                    while (got > 0 && in.available() > 0) {
                        got = in.read(read);
                    }
                }
                thrownOut.incrementAndGet();
            } catch (IOException e) {
                thrownOut.incrementAndGet();
            }
        }
    }

    /** Mostly frames that nobody sealed; sometimes no HTTP at all. */
    private byte[] garbage(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < PIPELINED; i++) {
            byte[] body = new byte[random.nextInt(2_000)];
            random.nextBytes(body);
            String serial = "%010X".formatted(random.nextInt() & 0xffffffffL);
            String head =
                    switch (random.nextInt(64)) {
                        case 0 -> "";
                        case 1 -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
                        case 2 -> "GET " + base.getPath() + "/" + "x".repeat(30_000);
                        default ->
                            "POST " + base.getPath() + "/" + random.nextInt(10) + "/w/" + serial
                                    + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length + "\r\n\r\n";
                    };
            out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(body);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        ended = true;
    }
}
