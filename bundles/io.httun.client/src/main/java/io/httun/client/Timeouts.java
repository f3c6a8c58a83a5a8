// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/**
 * All in milliseconds.
 *
 * @param connect one connection to the server, TLS included
 * @param init an init without progress
 * @param write a small w without progress
 * @param read an r without progress
 * @param opening a session for a local connection, all tries and URLs together
 * @param patience how long packets and a new key are tried for against a server of which nothing is heard
 * @param closing how long a closed connection may go without sending anything of what it still holds
 * @param stockRead how long a stock server holds an r for which nobody may be there any more
 * @param keepAlive how often a session is kept alive whose connection does not read
 * @param stockIdle silence after which a stock server has dropped a target, and some more
 * @param stockSilence after a half-close, silence after which a stock server is told to close
 */
record Timeouts(
        long connect,
        long init,
        long write,
        long read,
        long opening,
        long patience,
        long closing,
        long stockRead,
        long keepAlive,
        long stockIdle,
        long stockSilence) {
    private static final long OPENING = 10_000;
    private static final long PATIENCE = 30_000;
    private static final long CLOSING = 10_000;
    private static final long SECOND = 1000;
    private static final long STOCK_READ = 5500;
    /** Below the shortest time after which a server of ours may let an idle session go, 6 s (sessions.idle.seconds). */
    private static final long KEEP_ALIVE = 5000;
    /** 30 s, and the 3 s between two looks of the stock server at its connections. */
    private static final long STOCK_IDLE = 33_000;

    private static final long STOCK_SILENCE = 2000;

    Timeouts(long connect, long init, long write, long read, long opening, long patience, long closing) {
        this(connect, init, write, read, opening, patience, closing, STOCK_READ);
    }

    Timeouts(
            long connect, long init, long write, long read, long opening, long patience, long closing, long stockRead) {
        this(connect, init, write, read, opening, patience, closing, stockRead, KEEP_ALIVE, STOCK_IDLE, STOCK_SILENCE);
    }

    static Timeouts ofSeconds(int connect, int init, int write, int read) {
        return new Timeouts(connect * SECOND, init * SECOND, write * SECOND, read * SECOND, OPENING, PATIENCE, CLOSING);
    }

    /** The same with other limits for connections that do not read, or on which nothing moves. */
    Timeouts withSilences(long nextKeepAlive, long nextStockIdle, long nextStockSilence) {
        return new Timeouts(
                connect,
                init,
                write,
                read,
                opening,
                patience,
                closing,
                stockRead,
                nextKeepAlive,
                nextStockIdle,
                nextStockSilence);
    }
}
