// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/**
 * All in milliseconds.
 *
 * @param connect one connection to the server, TLS included
 * @param init the answer to an init
 * @param write the answer to a w
 * @param read the answer to an r
 * @param opening a session for a local connection, all tries and URLs together
 * @param patience how long a message is retried against a server for which retries are idempotent
 * @param closing how long a closed connection may take to send what it still holds
 * @param spare how long spare sessions are kept without use
 * @param stockRead how long a stock server holds an r for which nobody may be there any more
 */
record Timeouts(
        long connect,
        long init,
        long write,
        long read,
        long opening,
        long patience,
        long closing,
        long spare,
        long stockRead) {
    private static final long OPENING = 10_000;
    private static final long PATIENCE = 30_000;
    private static final long CLOSING = 10_000;
    private static final long SPARE = 60_000;
    private static final long SECOND = 1000;
    private static final long STOCK_READ = 5500;

    Timeouts(long connect, long init, long write, long read, long opening, long patience, long closing, long spare) {
        this(connect, init, write, read, opening, patience, closing, spare, STOCK_READ);
    }

    static Timeouts ofSeconds(int connect, int init, int write, int read) {
        return new Timeouts(
                connect * SECOND, init * SECOND, write * SECOND, read * SECOND, OPENING, PATIENCE, CLOSING, SPARE);
    }
}
