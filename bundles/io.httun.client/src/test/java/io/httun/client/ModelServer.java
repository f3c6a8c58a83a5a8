// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.protocol.Frame;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.L7Container;
import io.httun.protocol.NonceSource;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What our server promises to our client, in the plainest way: several sessions, idempotent retries, replies numbered
 * without a gap, half-close, and a connection handed over to the next session of the same UUID. Blocks threads.
 */
final class ModelServer implements TunnelService, AutoCloseable {
    /** A connection to a target. */
    private static final class Conn {
        final Socket socket;
        final BlockingQueue<byte[]> chunks = new ArrayBlockingQueue<>(8);
        volatile boolean endSent;
        volatile boolean endTaken;

        Conn(InetAddress address, int port) throws IOException {
            socket = new Socket(address, port);
            socket.setTcpNoDelay(true);
        }

        void pump() {
            byte[] buffer = new byte[L7Container.MAX_DATA];
            try {
                int count;
                do {
                    count = socket.getInputStream().read(buffer);
                    chunks.put(Arrays.copyOf(buffer, Math.max(0, count)));
                } while (count > 0);
            } catch (IOException | InterruptedException e) {
                chunks.offer(new byte[0]);
            }
        }
    }

    private static final class Session {
        final UUID client;
        final FrameKey key;
        final Object reading = new Object();
        volatile boolean confirmed;
        volatile Conn conn;
        long nextWrite;
        long lastRequest = -1;
        byte[] lastReply = {};
        long nextReply;

        Session(UUID client, FrameKey key) {
            this.client = client;
            this.key = key;
        }
    }

    final List<UUID> clients = new CopyOnWriteArrayList<>();
    volatile long idleMillis = 500;
    volatile long skippedReplies;
    /** Whether only data gets through. */
    volatile boolean initsAway;

    private final FrameCipher cipher;
    private final KeyAgreement agreement;
    private final NonceSource nonces = new NonceSource(new SecureRandom());
    private final SharedSecret secret = SharedSecret.ofHex(Fixture.SECRET);
    private final UUID own = PeerId.of(PeerId.SESSIONS, 42);
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private final ExecutorService pool = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "model-server");
        thread.setDaemon(true);
        return thread;
    });

    ModelServer(Surroundings surroundings) {
        this.cipher = surroundings.cipher().get();
        this.agreement = surroundings.agreement().get();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return CompletableFuture.supplyAsync(() -> answer(request), pool);
    }

    private TunnelReply answer(TunnelRequest request) {
        boolean read = TunnelPath.parse(request.path()).read();
        byte[] bytes = new byte[request.body().readableBytes()];
        request.body().readBytes(bytes).release();
        ByteBuf frame = Unpooled.wrappedBuffer(
                read ? Base64.getUrlDecoder().decode(TunnelPath.message(request.query())) : bytes);
        try {
            if (Frame.isInit(frame)) {
                return initsAway ? TestEndpoint.noSuchPage() : init(frame);
            }
            return data(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private TunnelReply init(ByteBuf frame) {
        FrameKey key = KeySchedule.initKey(agreement, secret);
        Frame opened = Frame.open(cipher, key, frame, Unpooled.buffer(frame.readableBytes()));
        if (opened == null) {
            return TunnelReply.refused();
        }
        InitPayload payload = InitPayload.read(opened.payload());
        clients.add(payload.sender());
        try (EphemeralKeyPair pair = agreement.generate()) {
            FrameKey session = KeySchedule.sessionKey(agreement, secret, pair, payload.publicKey());
            sessions.add(0, new Session(payload.sender(), session));
            ByteBuf answer = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
            new InitPayload(own, pair.publicKey()).write(answer);
            return reply(Frame.seal(cipher, key, nonces, Operation.INIT, -1, answer));
        }
    }

    private TunnelReply data(ByteBuf frame) throws IOException, InterruptedException {
        for (Session session : sessions) {
            Frame opened = Frame.open(cipher, session.key, frame, Unpooled.buffer(frame.readableBytes()));
            if (opened != null) {
                confirm(session);
                return opened.operation() == Operation.L7_TO_SERVER ? write(session, opened) : read(session, opened);
            }
        }
        return TunnelReply.refused();
    }

    private synchronized void confirm(Session session) {
        if (session.confirmed) {
            return;
        }
        session.confirmed = true;
        for (Session old : sessions) {
            if (old != session && old.confirmed && old.client.equals(session.client)) {
                Conn conn = old.conn;
                session.conn = conn == null || conn.endSent && conn.endTaken ? null : conn;
                sessions.remove(old);
            }
        }
    }

    private TunnelReply write(Session session, Frame frame) throws IOException {
        synchronized (session.key) {
            long number = SequenceType.number(frame.sequence());
            if (number > session.nextWrite) {
                return TunnelReply.bare(400, List.of());
            }
            if (number < session.nextWrite) {
                return TunnelReply.bare(200, List.of());
            }
            session.nextWrite++;
            L7Container container = L7Container.read(frame.payload());
            if (session.conn == null) {
                Conn conn = new Conn(container.address(), container.port());
                session.conn = conn;
                pool.execute(conn::pump);
            }
            byte[] data = new byte[container.data().readableBytes()];
            container.data().readBytes(data);
            if (data.length == 0) {
                session.conn.endTaken = true;
                session.conn.socket.shutdownOutput();
            } else {
                session.conn.socket.getOutputStream().write(data);
            }
            return TunnelReply.bare(200, List.of());
        }
    }

    private TunnelReply read(Session session, Frame frame) throws InterruptedException {
        synchronized (session.reading) {
            long number = SequenceType.number(frame.sequence());
            if (number != session.lastRequest) {
                session.lastRequest = number;
                session.lastReply = next(session);
            }
            return session.lastReply.length == 0
                    ? TunnelReply.bare(408, List.of())
                    : reply(Unpooled.wrappedBuffer(session.lastReply));
        }
    }

    private byte[] next(Session session) throws InterruptedException {
        byte[] chunk = null;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(idleMillis);
        while (chunk == null && System.nanoTime() < deadline) {
            Conn conn = session.conn;
            if (conn == null) {
                LockSupport.parkNanos(1_000_000);
            } else {
                chunk = conn.chunks.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        }
        if (chunk == null) {
            return new byte[0];
        }
        session.conn.endSent |= chunk.length == 0;
        ByteBuf frame = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, L7Container.HEADER_LENGTH + chunk.length);
        L7Container.writeHeader(frame, InetAddress.getLoopbackAddress(), 1);
        frame.writeBytes(chunk);
        long sequence = SequenceType.A.with(session.nextReply++ + skippedReplies);
        Frame.seal(cipher, session.key, nonces, Operation.L7_FROM_SERVER, sequence, frame);
        byte[] sealed = new byte[frame.readableBytes()];
        frame.readBytes(sealed).release();
        return sealed;
    }

    private static TunnelReply reply(ByteBuf body) {
        return new TunnelReply(200, List.of(), body, TunnelReply.Delivery.UNTRACKED);
    }

    @Override
    public void close() throws IOException {
        pool.shutdownNow();
        for (Session session : sessions) {
            if (session.conn != null) {
                session.conn.socket.close();
            }
        }
    }
}
