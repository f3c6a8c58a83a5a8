// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.faults.Pattern.WrongBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What an application does with a local port of the tunnel. */
final class Transfer {
    private static final int PIECE = 16 * 1024;

    private Transfer() {}

    /**
     * @param limit in milliseconds, without a single byte
     * @throws WrongBytes if a byte is missing or wrong and nothing says so, or if it does not end
     */
    static Outcome run(int port, Order order, int limit) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(limit);
            CompletableFuture<Boolean> sent = new CompletableFuture<>();
            FaultyRelay.start(() -> sent.complete(send(socket, order)));
            int missing = receive(socket.getInputStream(), order);
            if (missing == 0) {
                return Outcome.WHOLE;
            }
            // Linux tells of a reset once: when a write has heard of it, a read finds nothing but the end.
            if (!order.halfClose() || !sent.get(limit, TimeUnit.MILLISECONDS)) {
                return Outcome.RESET;
            }
            throw new WrongBytes(order + ": clean end, " + missing + " bytes are missing");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new WrongBytes(order + ": clean end, and the application can still send: " + e);
        } catch (SocketTimeoutException e) {
            throw new WrongBytes(order + ": nothing for " + limit + " ms");
        } catch (IOException e) {
            return Outcome.RESET;
        }
    }

    /** Whether all was sent. */
    private static boolean send(Socket socket, Order order) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(order.bytes());
            for (int at = 0; at < order.up(); at += PIECE) {
                out.write(Pattern.up(order.id()).bytes(at, Math.min(PIECE, order.up() - at)));
            }
            if (order.halfClose()) {
                socket.shutdownOutput();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** How many bytes are missing at the end; a stock end says of a reset that it is a close. */
    private static int receive(InputStream in, Order order) throws IOException {
        int due = order.down() + Order.RECEIPT;
        byte[] piece = new byte[PIECE];
        int got = 0;
        for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
            Pattern.down(order.id()).check(order.id() + " at the client", got, piece, length);
            got += length;
            if (got > due) {
                throw new WrongBytes(order + ": " + got + " bytes");
            }
        }
        return due - got;
    }
}
