// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.testpeers.StockOperation;
import io.httun.testpeers.StockSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Many stock clients that wait for data that never comes: each answer is followed by the next request. */
final class Waiters implements AutoCloseable {
    private static final int REPLY = 1_024;

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final ByteBuffer reply = ByteBuffer.allocate(REPLY);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicReference<String> wrong = new AtomicReference<>("");
    private final Thread thread = new Thread(this::serve, "waiters");

    Waiters(int port) throws IOException {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        thread.start();
    }

    /** On a connection of its own, until {@link #close}. Any thread. */
    void add(StockSession session) throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        ask(channel, session);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, session);
        selector.wakeup();
        waiting.incrementAndGet();
    }

    int waiting() {
        return waiting.get();
    }

    /** @throws IOException if one got another answer than that there is no data, or none at all */
    void check() throws IOException {
        if (!wrong.get().isEmpty()) {
            throw new IOException("a waiting request got " + wrong.get());
        }
    }

    private static void ask(SocketChannel channel, StockSession session) throws IOException {
        channel.write(ByteBuffer.wrap(session.requestR(session.sealR(StockOperation.L7_FROM_SRV))));
    }

    private void serve() {
        try {
            while (selector.isOpen()) {
                selector.select(key -> {
                    try {
                        answered((SocketChannel) key.channel(), (StockSession) key.attachment());
                    } catch (IOException e) {
                        give(key, e.toString());
                    }
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer is one segment: short, and without a body. */
    private void answered(SocketChannel channel, StockSession session) throws IOException {
        channel.read(reply.clear());
        String text = new String(reply.array(), 0, reply.position(), StandardCharsets.ISO_8859_1);
        if (!text.startsWith("HTTP/1.1 408 ") || !text.endsWith("\r\n\r\n")) {
            throw new IOException("'" + text + "'");
        }
        ask(channel, session);
    }

    private void give(SelectionKey key, String why) {
        wrong.compareAndSet("", why);
        waiting.decrementAndGet();
        key.cancel();
    }

    @Override
    public void close() throws IOException {
        selector.wakeup();
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
