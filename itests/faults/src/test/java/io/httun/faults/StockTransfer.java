// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.faults.Pattern.WrongBytes;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockContainer;
import io.httun.testpeers.StockSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** A transfer in one session of a stock client. */
final class StockTransfer {
    private static final int PIECE = 16 * 1024;

    private StockTransfer() {}

    /** As {@link Transfer#run}; there is no half-close. */
    static Outcome run(StockClient client, InetSocketAddress target, Order order, int limit) {
        try (StockSession session = client.init()) {
            FaultyRelay.start(() -> send(session, target, order));
            receive(session, order, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limit));
            return Outcome.WHOLE;
        } catch (IOException e) {
            return Outcome.RESET;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(StockSession session, InetSocketAddress target, Order order) {
        try {
            session.writeL7(target, order.bytes());
            for (int at = 0; at < order.up(); at += PIECE) {
                session.writeL7(target, Pattern.up(order.id()).bytes(at, Math.min(PIECE, order.up() - at)));
            }
        } catch (IOException | InterruptedException e) {
            close(session);
        }
    }

    /** A stock client gives up both directions when one fails. */
    private static void close(StockSession session) {
        try {
            session.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void receive(StockSession session, Order order, long deadline)
            throws IOException, InterruptedException {
        int due = order.down() + Order.RECEIPT;
        int got = 0;
        for (StockContainer next = session.readL7(); next.data().length > 0; next = session.readL7()) {
            byte[] data = next.data();
            Pattern.down(order.id()).check(order.id() + " at the stock client", got, data, data.length);
            got += data.length;
            if (System.nanoTime() > deadline) {
                throw new WrongBytes(order + ": does not end");
            }
        }
        if (got < due) {
            throw new IOException("the stock wire says of a reset that it is a close");
        }
        if (got != due) {
            throw new WrongBytes(order + ": clean end after " + got + " of " + due + " bytes");
        }
    }
}
