// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A session of a stock client: seals, opens and counts, with one kept connection for {@code r} and one for {@code w}.
 * One thread may read while another writes.
 */
public final class StockSession implements AutoCloseable {

    private static final int TRIES = 3;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] key;
    private final UUID serverUuid;
    private final RequestWriter requests;
    private final ClientTiming timing;
    private final KeptConnection r;
    private final KeptConnection w;
    private final AtomicLong serialR = new AtomicLong(RANDOM.nextLong());
    private final AtomicLong serialW = new AtomicLong(RANDOM.nextLong());
    private final StockSequence received;
    private final StockSequence sentW;
    private final StockSequence sentR;

    StockSession(
            byte[] key,
            UUID serverUuid,
            RequestWriter requests,
            InetSocketAddress server,
            int window,
            ClientTiming timing) {
        this.key = key;
        this.serverUuid = serverUuid;
        this.requests = requests;
        this.timing = timing;
        this.r = new KeptConnection(server);
        this.w = new KeptConnection(server);
        this.received = new StockSequence(StockSequence.Type.A, window);
        this.sentW = new StockSequence(StockSequence.Type.B, window);
        this.sentR = new StockSequence(StockSequence.Type.C, window);
    }

    /** From the answer to the Init. */
    public UUID serverUuid() {
        return serverUuid;
    }

    /** A data frame with any sequence number, see {@link StockSequence.Type#number}. */
    public byte[] sealFrame(StockOperation operation, long sequence, byte[] payload) throws StockException {
        return new StockFrame(false, operation, sequence, payload).seal(key);
    }

    /** The next frame for {@code w}. */
    public byte[] sealW(StockOperation operation, byte[] payload) throws StockException {
        return sealFrame(operation, sentW.draw(), payload);
    }

    /** The next request for {@code r}. */
    public byte[] sealR(StockOperation operation) throws StockException {
        return sealFrame(operation, sentR.draw(), new byte[0]);
    }

    public StockFrame open(byte[] frame) throws StockException {
        return StockFrame.open(frame, key);
    }

    /** Opens a reply and checks it as the stock client does; a second call with it fails. */
    public StockFrame accept(byte[] frame, StockOperation expected) throws StockException {
        StockFrame opened = open(frame);
        if (opened.init() || opened.operation() != expected) {
            throw new StockException("reply of operation " + opened.operation() + ", expected " + expected);
        }
        received.accept(opened.sequence());
        return opened;
    }

    /** The bytes of the next {@code w} request, for a connection of the test's own. */
    public byte[] requestW(byte[] frame) {
        return requests.post(serialW.getAndIncrement(), frame);
    }

    /** The bytes of the next {@code r} request, for a connection of the test's own. */
    public byte[] requestR(byte[] frame) {
        return requests.get(serialR.getAndIncrement(), frame);
    }

    /** One try of a {@code w} on the kept connection; a reply without a length is complete with its head. */
    public StockReply sendW(byte[] frame) throws IOException {
        return w.exchange(requestW(frame), timing.write(), false);
    }

    /** One try of an {@code r} on the kept connection. */
    public StockReply sendR(byte[] frame) throws IOException {
        return r.exchange(requestR(frame), timing.read(), true);
    }

    /** Writes with the stock retries: the same frame each time. */
    public void write(StockOperation operation, byte[] payload) throws IOException, InterruptedException {
        byte[] frame = sealW(operation, payload);
        for (int i = 0; i < TRIES; i++) {
            int status = sendW(frame).status();
            if (status == 200) {
                return;
            }
            pause(status);
        }
        throw new StockException("w: given up after " + TRIES + " tries");
    }

    /** Reads with the stock retries, a new frame each time; waits while the channel is idle. */
    public byte[] read(StockOperation operation) throws IOException, InterruptedException {
        int tries = 0;
        while (tries++ < TRIES) {
            StockReply reply = sendR(sealR(operation));
            if (reply.status() == 200 && reply.body().length > 0) {
                return accept(reply.body(), operation).payload();
            }
            if (reply.status() == 200 || reply.status() == 408) {
                tries = 0;
            }
            if (reply.status() != 200) {
                pause(reply.status());
            }
        }
        throw new StockException("r: given up after " + TRIES + " tries");
    }

    public void writeL7(InetSocketAddress target, byte[] data) throws IOException, InterruptedException {
        write(StockOperation.L7_TO_SRV, new StockContainer(target, data).toBytes());
    }

    public StockContainer readL7() throws IOException, InterruptedException {
        return StockContainer.parse(read(StockOperation.L7_FROM_SRV));
    }

    private void pause(int status) throws IOException, InterruptedException {
        switch (status) {
            case 408 -> {
                // At once.
            }
            case 429, 502, 503, 504 -> Thread.sleep(timing.retry().toMillis());
            default -> {
                Thread.sleep(timing.retry().toMillis());
                throw new StockException("status " + status + ", expected 200, 408, 429, 502, 503 or 504");
            }
        }
    }

    /** Closes the connections; there is no word for it on the wire. */
    @Override
    public void close() throws IOException {
        r.close();
        w.close();
    }
}
