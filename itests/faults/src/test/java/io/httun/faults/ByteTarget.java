// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.faults.Pattern.WrongBytes;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes and sends what is ordered, and knows of every byte that it was not as it should be. */
final class ByteTarget {
    private static final int PIECE = 16 * 1024;

    private final boolean strict;
    private final int port;
    private final Map<Long, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();

    /** @param strict whether an unfinished connection must be reset; a stock server ends it */
    ByteTarget(TunnelRig rig, boolean strict) throws IOException {
        this.strict = strict;
        this.port = rig.target(this::serve);
    }

    int port() {
        return port;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Null if it was never begun, or still goes on. */
    Outcome outcome(long id) {
        return outcomes.get(id);
    }

    Queue<String> wrong() {
        return wrong;
    }

    int open() {
        return open.get();
    }

    private void serve(Socket socket) {
        open.incrementAndGet();
        try {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            byte[] head = in.readNBytes(Order.LENGTH);
            if (head.length < Order.LENGTH) {
                if (strict) {
                    wrong.add("clean end within the order, after " + head.length + " bytes");
                }
                return;
            }
            carryOut(Order.read(head), socket);
        } catch (WrongBytes e) {
            wrong.add(e.getMessage());
        } catch (IOException e) {
            // Reset before the order was whole.
            socket.isClosed();
        } finally {
            open.decrementAndGet();
        }
    }

    private void carryOut(Order order, Socket socket) {
        long id = order.id();
        if (outcomes.put(id, Outcome.RESET) != null) {
            wrong.add(id + ": connected twice");
        }
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        FaultyRelay.start(() -> sent.complete(send(order, socket)));
        try {
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[PIECE];
            int got = 0;
            while (got < order.up() || order.halfClose()) {
                int length = in.read(piece);
                if (length < 0) {
                    break;
                }
                Pattern.up(id).check(id + " at the target", got, piece, length);
                got += length;
            }
            if (got == order.up()) {
                sent.get();
                outcomes.put(id, Outcome.WHOLE);
                socket.getOutputStream().write(Pattern.down(id).bytes(order.down(), Order.RECEIPT));
                socket.shutdownOutput();
                in.transferTo(OutputStream.nullOutputStream());
            } else if (got > order.up() || strict && sent.get()) {
                // Linux tells of a reset once: when a write has heard of it, a read finds nothing but the end.
                wrong.add(id + " at the target: clean end after " + got + " of " + order.up());
            }
        } catch (IOException e) {
            // Reset, as it may be.
            outcomes.putIfAbsent(id, Outcome.RESET);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether all was sent. */
    private static boolean send(Order order, Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            for (int at = 0; at < order.down(); at += PIECE) {
                out.write(Pattern.down(order.id()).bytes(at, Math.min(PIECE, order.down() - at)));
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
