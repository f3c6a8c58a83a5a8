// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/**
 * Time limits, in milliseconds.
 *
 * @param connect of one connection to the server, including TLS
 * @param init of an init without progress
 * @param write of a small w without progress
 * @param read of an r without progress
 * @param opening of a session for a local connection: all tries and URLs together
 * @param patience of packets and of the next key while the server is silent
 * @param closing of a closed connection that still has bytes to send and makes no progress
 * @param stockRead for which a stock server holds an r whose client may be gone
 * @param keepAlive between two keep-alives of a session whose connection does not read
 * @param stockIdle of silence, after which a stock server has certainly dropped the target
 * @param stockSilence of silence after a half-close, after which a stock server gets the close
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
    /** Below 6 s, the shortest idle time after which a server of ours may end a session (sessions.idle.seconds). */
    private static final long KEEP_ALIVE = 5000;
    /** 30 s, and the 3 s between two checks of the stock server. */
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

    /** Returns a copy with other limits for connections that do not read or are silent. */
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
