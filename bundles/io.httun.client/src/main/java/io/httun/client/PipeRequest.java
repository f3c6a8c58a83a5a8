// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeExchange;
import io.httun.protocol.pipe.PipeFrames;
import io.httun.toolkit.status.ExchangeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** One request of a pipe: seals its frames and opens those of the reply. Confined to the pipe's event loop. */
final class PipeRequest implements HttpLink.Exchange {
    private final PipeSession session;
    private final PipeExchange exchange;
    private final SessionKeys sealedUnder;
    private LinkPool.Pooled pooled;
    /** Of the first frame of a {@code w}. */
    private long sequence;

    private long began;

    PipeRequest(PipeSession session, PipeExchange exchange, SessionKeys sealedUnder) {
        this.session = session;
        this.exchange = exchange;
        this.sealedUnder = sealedUnder;
    }

    /** @throws HttunException if the key is used up */
    void send(FrameCipher cipher) {
        session.counters().requested();
        if (exchange instanceof PipeExchange.Write write) {
            sequence = sealedUnder.nextWriteSequence();
            ByteBuf body = FrameBody.batch(
                    PooledByteBufAllocator.DEFAULT,
                    write.body().limit(),
                    write.body(),
                    frame -> sealedUnder.sealWrite(cipher, write.operation(), frame));
            if (body == null) {
                session.failed(exchange, "there was nothing to send");
                return;
            }
            session.counters().sent(body.readableBytes());
            sealedUnder.countReceipt();
            pooled = session.links().take();
            ByteBuf head = session.heads()
                    .write(PooledByteBufAllocator.DEFAULT, sealedUnder.writeSerial(), body.readableBytes());
            long stall = PeerProtocol.stallMillis(
                    session.context().settings().timeouts().write(), body.readableBytes(), true);
            began = ExchangeTimes.begin();
            pooled.link().request(head, body, stall, this);
        } else if (exchange instanceof PipeExchange.Read read) {
            ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, read.payloadLength());
            read.write(frame);
            byte[] message = RequestHeads.message(sealedUnder.sealRead(cipher, read.operation(), read.number(), frame));
            pooled = session.links().take();
            ByteBuf head = session.heads().read(PooledByteBufAllocator.DEFAULT, sealedUnder.readSerial(), message);
            pooled.link()
                    .request(head, null, session.context().settings().timeouts().read(), this);
        }
    }

    @Override
    public void answered(LinkReply reply) {
        try {
            if (!pooled.link().isConnected()) {
                session.closedAfterReply();
            }
            pooled.giveBack();
            if (!session.isOver()) {
                judge(reply);
            }
        } finally {
            reply.body().release();
        }
        session.pump();
    }

    private void judge(LinkReply reply) {
        if (reply.isOk() && reply.body().isReadable()) {
            open(reply.body());
        } else if (reply.isRefusal() && session.keys().isCurrent(sealedUnder)) {
            session.lose(new HttunException(
                    reply.is(HttpResponseStatus.BAD_REQUEST)
                            ? "the server rejected a request of the pipe with status 400"
                            : "the server does not know the pipe any more"));
        } else {
            session.failed(
                    exchange,
                    "the answer has status " + reply.summary()
                            + (reply.isOk() && !reply.page() ? " and no frame" : ""));
        }
    }

    private void open(ByteBuf body) {
        FrameCipher cipher = session.context().surroundings().cipher().get();
        if (cipher == null) {
            session.failed(exchange, "there is no cipher");
            return;
        }
        try {
            if (exchange instanceof PipeExchange.Write write) {
                checkReceipt(write, cipher, body);
                ExchangeTimes.end(began);
            } else if (exchange instanceof PipeExchange.Read read) {
                takeAll(read, cipher, body);
            }
            session.answered(exchange);
        } catch (FrameException e) {
            // A proxy's page, a truncated body, or a repeated old reply.
            session.failed(exchange, e.getMessage());
        }
    }

    /** Checks that the server answered: a proxy that answers 200 by itself has not forwarded the data. */
    private void checkReceipt(PipeExchange.Write write, FrameCipher cipher, ByteBuf body) {
        try (Frame frame = sealedUnder.openReceipt(cipher, body)) {
            if (frame.operation() != write.operation() || frame.sequence() != PipeFrames.receiptSequence(sequence)) {
                throw new FrameException("got the answer to another request");
            }
        }
    }

    private void takeAll(PipeExchange.Read read, FrameCipher cipher, ByteBuf body) {
        boolean last = false;
        for (int index = 0; !last && !session.isOver(); index++) {
            Frame frame = sealedUnder.openUnnumbered(cipher, FrameBody.next(body));
            last = isLast(read, frame, index);
            take(read, frame);
        }
    }

    private static boolean isLast(PipeExchange.Read read, Frame frame, int index) {
        try {
            return PipeFrames.isLastOfReply(frame.sequence(), read.number(), index);
        } catch (FrameException e) {
            frame.close();
            throw e;
        }
    }

    private void take(PipeExchange.Read read, Frame frame) {
        if (frame.operation() == Operation.PIPE_FROM_SERVER) {
            session.counters().received(frame.payload().readableBytes());
            session.received(read, frame.payload());
            return;
        }
        try (frame) {
            if (frame.operation() != Operation.PIPE_END) {
                throw new FrameException("got operation " + frame.operation() + " in a pipe");
            }
            session.endedByServer(PipeEnding.read(frame.payload()));
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        pooled.giveBack();
        if (!session.isOver()) {
            if (failure == HttpLink.Failure.LOGIN) {
                session.lose(cause);
            } else {
                session.failed(exchange, cause.getMessage());
            }
        }
        session.pump();
    }
}
