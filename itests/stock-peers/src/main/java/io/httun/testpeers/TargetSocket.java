// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** The stock server's TCP connection to a target. One buffer is read ahead; no more until it is taken. */
final class TargetSocket implements AutoCloseable {

    /**
     * What reading gave: bytes, none at the end of the stream, or a failure.
     */
    record Chunk(byte[] data, IOException failure) {

        private static final Chunk END = new Chunk(new byte[0], null);
        /** The connection was closed from this side. */
        static final Chunk DISCONNECTED = new Chunk(new byte[0], null);
    }

    private final InetSocketAddress address;
    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(1);
    private final Thread reader;

    private TargetSocket(InetSocketAddress address, SocketChannel channel) throws IOException {
        this.address = address;
        this.channel = channel;
        channel.configureBlocking(false);
        readable = Selector.open();
        writable = Selector.open();
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
        reader = new Thread(this::read, "stock-server-target-" + address.getPort());
        reader.setDaemon(true);
    }

    static TargetSocket connect(InetSocketAddress address) throws IOException {
        TargetSocket socket = new TargetSocket(address, SocketChannel.open(address));
        socket.reader.start();
        return socket;
    }

    InetSocketAddress address() {
        return address;
    }

    synchronized void write(byte[] data, Deadline deadline) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(data);
        while (rest.hasRemaining()) {
            if (channel.write(rest) == 0) {
                if (deadline.isOver()) {
                    throw new StockException("the target takes nothing");
                }
                writable.select(deadline.remainingNanos() / 1_000_000 + 1);
                writable.selectedKeys().clear();
            }
        }
    }

    /** The next chunk, null when there is none in time. */
    Chunk take(Deadline deadline) throws InterruptedException {
        Chunk chunk = chunks.poll(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
        if (chunk == Chunk.DISCONNECTED) {
            chunks.offer(chunk);
        }
        return chunk;
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(StockContainer.MAX_DATA);
        try {
            try {
                while (channel.read(buffer) >= 0) {
                    if (buffer.position() > 0) {
                        chunks.put(new Chunk(Arrays.copyOf(buffer.array(), buffer.position()), null));
                        buffer.clear();
                    } else {
                        readable.select();
                        readable.selectedKeys().clear();
                    }
                }
            } catch (IOException e) {
                chunks.put(new Chunk(new byte[0], e));
            }
            chunks.put(Chunk.END);
        } catch (InterruptedException | RuntimeException e) {
            // Closed from this side.
            disconnected();
        }
    }

    private void disconnected() {
        chunks.clear();
        chunks.offer(Chunk.DISCONNECTED);
    }

    @Override
    public void close() {
        reader.interrupt();
        try {
            channel.close();
            readable.close();
            writable.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close the connection to " + address, e);
        }
        disconnected();
    }
}
