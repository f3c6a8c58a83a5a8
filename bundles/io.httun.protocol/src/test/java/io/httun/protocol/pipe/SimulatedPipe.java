// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Both ends of a pipe and the requests between them, in virtual time, with faults that a subclass chooses. Every byte is checked
 * against its offset, and every bound after every event.
 */
class SimulatedPipe {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000_000_000;
    static final int UP = 0;
    static final int DOWN = 1;
    static final int HEAD = 200;

    /** The fate of an exchange. */
    enum Fate {
        DELIVERED,
        /** The connection is cut before the request arrives. */
        REQUEST_LOST,
        /** The same, but the client sees only a time-out. */
        REQUEST_VANISHED,
        /** The server answers, and the answer is cut off somewhere. */
        REPLY_LOST,
        REPLY_VANISHED,
        /** The client gives up; the request arrives afterwards. */
        LATE,
        /** A proxy answers for the server. */
        PROXY_ERROR,
        PROXY_408
    }

    /** A request in flight; the server knows it by this object. */
    private final class Attempt {
        final PipeExchange exchange;
        final Fate fate;
        final Attempt original;

        Attempt(PipeExchange exchange, Fate fate, Attempt original) {
            this.exchange = exchange;
            this.fate = fate;
            this.original = original;
        }
    }

    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    final SplittableRandom random;
    final SimulatedLine line;
    final PipeLimits limits;
    final PipeClientEnd client;
    final PipeServerEnd<Object> server;
    final long[] written = new long[2];
    final long[] read = new long[2];
    final long[] toWrite = new long[2];
    final boolean[] readerStopped = new boolean[2];
    private int clientEpoch;
    private int serverEpoch;
    private final Set<PipeExchange> open = new HashSet<>();
    private final Set<Long> numbers = new HashSet<>();
    private long clientWake = Long.MAX_VALUE;
    private long serverWake = Long.MAX_VALUE;
    long longestStall;
    long lastProgress;
    int requests;

    SimulatedPipe(SplittableRandom random, SimulatedLine line, PipeLimits limits) {
        this.random = random;
        this.line = line;
        this.limits = limits;
        this.client = new PipeClientEnd(allocator, limits, line.now());
        this.server = new PipeServerEnd<>(allocator, limits);
        this.lastProgress = line.now();
    }

    // What subclasses decide.

    Fate fate(PipeExchange exchange) {
        return Fate.DELIVERED;
    }

    long timeout() {
        return 15 * SECOND;
    }

    int writeSize(int way) {
        return 16 << 10;
    }

    boolean isRepeated() {
        return false;
    }

    boolean isUndeliveredTold() {
        return false;
    }

    void arrived(int way, long from, long to) {}

    // Bytes.

    static byte byteAt(int way, int epoch, long offset) {
        return (byte) (offset * 0x9E37 + (offset >>> 8) * 0x79B9 + way * 0x55 + epoch * 0x1D5 >>> 3);
    }

    /** What runs in the pipe ends, and begins anew. */
    void beginAnew(int end) {
        require(end == UP ? client.nextEpoch() : server.nextEpoch(), "the last epoch");
        pumpClient();
        pumpServer();
    }

    private void lookAtEpochs() {
        if (client.epoch() != clientEpoch) {
            clientEpoch = client.epoch();
            written[UP] = 0;
            read[DOWN] = 0;
        }
        if (server.epoch() != serverEpoch) {
            serverEpoch = server.epoch();
            written[DOWN] = 0;
            read[UP] = 0;
        }
    }

    private ByteBuf bytes(int way, int length) {
        ByteBuf data = allocator.heapBuffer(length, length);
        byte[] array = data.array();
        for (int i = 0; i < length; i++) {
            array[i] = byteAt(way, way == UP ? clientEpoch : serverEpoch, written[way] + i);
        }
        return data.writerIndex(length);
    }

    private void check(int way, ByteBuf data) {
        byte[] array = new byte[data.readableBytes()];
        data.readBytes(array);
        data.release();
        for (int i = 0; i < array.length; i++) {
            if (array[i] != byteAt(way, way == UP ? serverEpoch : clientEpoch, read[way] + i)) {
                throw new AssertionError("way " + way + ": byte " + (read[way] + i) + " is wrong");
            }
        }
        longestStall = Math.max(longestStall, line.now() - lastProgress);
        lastProgress = line.now();
        arrived(way, read[way], read[way] + array.length);
        read[way] += array.length;
    }

    void write(int way, int length) {
        ByteBuf data = bytes(way, length);
        written[way] += length;
        if (way == UP) {
            client.write(data);
        } else {
            server.write(data);
        }
    }

    private void writeMore(int way) {
        while (toWrite[way] > 0 && (way == UP ? client.isWritable() : server.isWritable())) {
            long room = way == UP ? client.bytesBeforeUnwritable() : server.bytesBeforeUnwritable();
            int size = (int) Math.min(toWrite[way], Math.min(room, writeSize(way)));
            toWrite[way] -= size;
            write(way, size);
        }
    }

    // The client.

    void pumpClient() {
        lookAtEpochs();
        PipeExchange exchange;
        boolean any = true;
        while (any) {
            any = !readerStopped[DOWN] && readAll(DOWN);
            writeMore(UP);
            while ((exchange = client.next(line.now())) != null) {
                any = true;
                begin(exchange);
                writeMore(UP);
            }
        }
        checkBounds();
        long wake = client.wakeAt(line.now());
        if (wake != Long.MAX_VALUE && wake != clientWake) {
            require(wake > line.now(), "client wakes at " + (wake - line.now()));
            clientWake = wake;
            line.at(wake, () -> {
                clientWake = Long.MAX_VALUE;
                pumpClient();
            });
        }
    }

    private boolean readAll(int way) {
        boolean any = false;
        ByteBuf data;
        while ((data = way == DOWN ? client.read() : server.read()) != null) {
            check(way, data);
            any = true;
        }
        return any;
    }

    private void begin(PipeExchange exchange) {
        requests++;
        ByteBuf body;
        if (exchange instanceof PipeExchange.Write write) {
            PipeBody source = write.body();
            body = FrameBody.batch(
                    allocator, source.limit(), source, frame -> PlainFrames.seal(frame, write.operation(), 0));
            require(body != null, "empty write");
        } else {
            PipeExchange.Read ask = (PipeExchange.Read) exchange;
            require(numbers.add(ask.number()), "number " + ask.number() + " twice");
            ByteBuf frame = Frame.allocate(allocator, ask.payloadLength());
            ask.write(frame);
            body = PlainFrames.seal(frame, ask.operation(), ask.number());
        }
        open.add(exchange);
        Attempt attempt = new Attempt(exchange, fate(exchange), null);
        int length = body.readableBytes();
        long duration = timeout();
        line.after(duration, () -> failed(exchange));
        switch (attempt.fate) {
            case REQUEST_LOST, PROXY_ERROR -> line.send(UP, HEAD + random.nextInt(length), () -> failed(exchange));
            case PROXY_408 ->
                line.send(UP, HEAD, () -> {
                    if (exchange instanceof PipeExchange.Read) {
                        answered(exchange);
                    } else {
                        failed(exchange);
                    }
                });
            case REQUEST_VANISHED -> line.send(UP, HEAD, () -> {});
            case LATE -> {
                line.after(random.nextLong(SECOND), () -> failed(exchange));
                deliver(attempt, body.retainedDuplicate(), random.nextLong(5 * SECOND));
            }
            default -> deliver(attempt, body.retainedDuplicate(), 0);
        }
        if (isRepeated()) {
            Attempt repeated = new Attempt(exchange, Fate.REPLY_VANISHED, attempt);
            deliver(repeated, body.retainedDuplicate(), random.nextLong(2 * SECOND));
        }
        body.release();
    }

    private void deliver(Attempt attempt, ByteBuf body, long later) {
        line.after(later, () -> line.send(UP, HEAD + body.readableBytes(), () -> serve(attempt, body)));
    }

    private void answered(PipeExchange exchange) {
        if (open.remove(exchange)) {
            client.answered(exchange, line.now());
            pumpClient();
        }
    }

    void failed(PipeExchange exchange) {
        if (open.remove(exchange)) {
            client.failed(exchange, line.now());
            pumpClient();
        }
    }

    /** Every connection is cut at this moment. */
    void cutAll() {
        List<PipeExchange> all = new ArrayList<>(open);
        open.clear();
        all.forEach(exchange -> client.failed(exchange, line.now()));
        pumpClient();
    }

    // The server.

    private void serve(Attempt attempt, ByteBuf body) {
        try {
            if (attempt.exchange instanceof PipeExchange.Write) {
                List<ByteBuf> payloads = new ArrayList<>();
                while (body.isReadable()) {
                    payloads.add(PlainFrames.payload(FrameBody.next(body), Operation.PIPE_TO_SERVER));
                }
                switch (server.written(attempt, payloads, line.now())) {
                    case TAKEN -> reply(attempt, null, true);
                    case REFUSED -> reply(attempt, null, false);
                    default -> {}
                }
            } else {
                PipeExchange.Read ask = (PipeExchange.Read) attempt.exchange;
                ByteBuf payload = PlainFrames.payload(body, Operation.PIPE_FROM_SERVER);
                boolean taken = server.asked(attempt, ask.number(), PipeFrames.readAsk(payload), line.now());
                payload.release();
                if (!taken) {
                    reply(attempt, null, false);
                }
            }
        } finally {
            body.release();
        }
        pumpServer();
    }

    void pumpServer() {
        lookAtEpochs();
        boolean again = true;
        while (again) {
            again = !readerStopped[UP] && readAll(UP);
            writeMore(DOWN);
            PipeDue<Object> due;
            while ((due = server.next(line.now())) != null) {
                again = true;
                Attempt attempt = (Attempt) due.request();
                if (due instanceof PipeDue.Reply<Object> reply) {
                    PipeBody source = reply.body();
                    ByteBuf body = FrameBody.batch(
                            allocator, source.limit(), source, frame -> PlainFrames.seal(frame, reply.operation(), 0));
                    require(body != null, "empty reply");
                    boolean lost = attempt.fate != Fate.DELIVERED;
                    if (lost && isUndeliveredTold()) {
                        long number = reply.number();
                        line.after(random.nextLong(SECOND), () -> {
                            server.undelivered(number);
                            pumpServer();
                        });
                    }
                    reply(attempt, body, true);
                } else {
                    reply(attempt, null, true);
                }
                writeMore(DOWN);
            }
        }
        checkBounds();
        long wake = server.wakeAt();
        if (wake != Long.MAX_VALUE && wake != serverWake) {
            require(wake > line.now(), "server wakes at " + (wake - line.now()));
            serverWake = wake;
            line.at(wake, () -> {
                serverWake = Long.MAX_VALUE;
                pumpServer();
            });
        }
    }

    private void reply(Attempt attempt, ByteBuf body, boolean ok) {
        int length = body == null ? 0 : body.readableBytes();
        boolean cut = attempt.fate == Fate.REPLY_LOST;
        int sent = cut ? random.nextInt(HEAD + length) : HEAD + length;
        line.send(DOWN, sent, () -> {
            try {
                boolean arrives = attempt.fate == Fate.DELIVERED && attempt.original == null;
                if (body != null && open.contains(attempt.exchange) && (arrives || cut)) {
                    frames((PipeExchange.Read) attempt.exchange, body, sent - HEAD);
                }
                if (arrives && ok) {
                    answered(attempt.exchange);
                } else if (arrives || cut) {
                    failed(attempt.exchange);
                }
            } finally {
                if (body != null) {
                    body.release();
                }
            }
        });
    }

    private void frames(PipeExchange.Read ask, ByteBuf body, int whole) {
        int end = body.readerIndex() + whole;
        while (body.isReadable() && body.readerIndex() + 4 + body.getInt(body.readerIndex()) <= end) {
            client.received(ask, PlainFrames.payload(FrameBody.next(body), Operation.PIPE_FROM_SERVER), line.now());
        }
    }

    // Bounds.

    private void checkBounds() {
        require(client.writesInFlight() <= limits.exchanges(), "writes in flight " + client.writesInFlight());
        require(client.readsInFlight() <= limits.exchanges(), "reads in flight " + client.readsInFlight());
        require(server.waiting() <= limits.exchanges(), "waiting " + server.waiting());
        int buffer = limits.buffer();
        require(client.unacknowledged() <= buffer + LineEstimate.MAX_BODY, "client keeps " + client.unacknowledged());
        require(server.unacknowledged() <= buffer + LineEstimate.MAX_BODY, "server keeps " + server.unacknowledged());
        // What fills the first gap leaves at once, however much is in flight.
        long most = buffer + LineEstimate.MAX_BODY;
        require(
                client.bytesInFlight() >= 0 && client.bytesInFlight() <= most,
                "client has in flight " + client.bytesInFlight());
        require(
                server.bytesInFlight() >= 0 && server.bytesInFlight() <= most,
                "server has in flight " + server.bytesInFlight());
        require(client.unread() <= buffer + (buffer >> 4) + (1 << 20), "client unread " + client.unread());
        require(server.unread() <= buffer + (3 << 20), "server unread " + server.unread());
    }

    boolean isDone() {
        return clientEpoch == serverEpoch
                && toWrite[UP] == 0
                && toWrite[DOWN] == 0
                && read[UP] == written[UP]
                && read[DOWN] == written[DOWN];
    }

    /** Runs until all bytes have arrived. */
    void run(long deadline) {
        pumpClient();
        pumpServer();
        while (!isDone()) {
            require(line.step(), "nothing happens any more: " + this);
            require(line.now() <= deadline, "too late: " + this);
        }
    }

    /** Ends both ends and checks that every buffer was released. */
    void close() {
        client.close();
        server.close();
        open.clear();
        while (server.next(line.now()) != null) {
            // Nothing answers them here.
        }
        while (line.step()) {
            require(requests >= 0, "");
        }
        long used = allocator.metric().usedHeapMemory();
        require(used == 0, used + " bytes are not released");
    }

    void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    @Override
    public String toString() {
        return "at " + line.now() / MILLI + " ms: up " + read[UP] + "/" + written[UP] + "+" + toWrite[UP] + ", down "
                + read[DOWN] + "/" + written[DOWN] + "+" + toWrite[DOWN] + ", client w " + client.writesInFlight()
                + " r "
                + client.readsInFlight() + " flight " + client.bytesInFlight() + " of " + client.inFlightLimit()
                + ", server waiting " + server.waiting() + " flight " + server.bytesInFlight() + " of "
                + server.inFlightLimit() + ", requests " + requests;
    }
}
