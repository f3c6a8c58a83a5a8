// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** A connection to an echo that goes on until it is told to end, with every byte checked. */
final class Conversation {
    private static final int PIECE = 64 * 1024;

    private final long id;
    private final int port;
    private final boolean bulk;
    private final CountDownLatch told = new CountDownLatch(1);
    private final AtomicLong bytes = new AtomicLong();
    private final CompletableFuture<Outcome> end;

    /** @param bulk as much as it can; otherwise a piece at its beginning and one at its end */
    Conversation(long id, int port, boolean bulk, Executor executor) {
        this.id = id;
        this.port = port;
        this.bulk = bulk;
        this.end = CompletableFuture.supplyAsync(this::run, executor);
    }

    /** That came back. */
    long bytes() {
        return bytes.get();
    }

    boolean isOver() {
        return end.isDone();
    }

    /** Comes to its end, and says which one it was. */
    Outcome finish() {
        told.countDown();
        return outcome();
    }

    Outcome outcome() {
        return end.join();
    }

    @Override
    public String toString() {
        return id + ": " + bytes + " bytes, " + (isOver() ? "over" : "open");
    }

    private Outcome run() {
        try (Socket socket = TunnelRig.dial(port)) {
            do {
                echo(socket);
            } while (bulk && told.getCount() > 0);
            told.await();
            echo(socket);
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                throw new Pattern.WrongBytes(id + ": bytes behind the end");
            }
            return Outcome.WHOLE;
        } catch (IOException e) {
            return Outcome.RESET;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void echo(Socket socket) throws IOException {
        byte[] piece = Pattern.up(id).bytes(bytes.get(), PIECE);
        socket.getOutputStream().write(piece);
        byte[] back = socket.getInputStream().readNBytes(PIECE);
        if (back.length < PIECE) {
            throw new IOException("ended after " + back.length);
        }
        if (!Arrays.equals(piece, back)) {
            throw new Pattern.WrongBytes(id + ": other bytes after " + bytes);
        }
        bytes.addAndGet(PIECE);
    }
}
