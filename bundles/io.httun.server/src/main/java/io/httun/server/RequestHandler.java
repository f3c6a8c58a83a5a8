// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.config.BasicCredentials;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.FrameText;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.Operation;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Takes a request apart and to its session. Until a frame has been opened, whatever is wrong gets the same answer after
 * about the same work: a request that must fail goes on to a decoy channel, whose secret nobody has.
 */
final class RequestHandler {
    /** Where our client's serials on w begin, counted from its init's: so that its first w is found at once, too. */
    static final long FIRST_WRITE_SERIAL = 1L << 39;

    private static final long DELAY_MILLIS = 500;
    private static final int MAX_DELAYED = 4096;

    private final Parts parts;
    private final ChannelRegistry channels;
    private final ServerChannel decoy;
    private final BasicCredentials nobody =
            new BasicCredentials("nobody", UUID.randomUUID().toString());
    private final Function<KeyAgreement, UUID> serverId;
    private final UploadReader uploads;
    private final Strangers strangers = new Strangers();
    private final AtomicInteger delayed = new AtomicInteger();
    private final FrameKey spare;

    RequestHandler(Parts parts, ChannelRegistry channels, ServerChannel decoy, Function<KeyAgreement, UUID> serverId) {
        this.parts = parts;
        this.channels = channels;
        this.decoy = decoy;
        this.serverId = serverId;
        this.uploads = new UploadReader(parts.refusals());
        this.spare = randomKey();
    }

    private static FrameKey randomKey() {
        byte[] bytes = new byte[FrameKey.LENGTH];
        new SecureRandom().nextBytes(bytes);
        return new FrameKey(bytes);
    }

    /** As the service's method; releases the body. */
    CompletionStage<TunnelReply> handle(TunnelRequest request) {
        try {
            return dispatch(request);
        } catch (FrameException e) {
            return mayAsk(request)
                    ? refuse(request, decoy, Refusals.Cause.MALFORMED, e.getMessage())
                    : tooMany(request);
        } catch (RuntimeException e) {
            return refuse(request, decoy, Refusals.Cause.INTERNAL, String.valueOf(e));
        } finally {
            request.body().release();
        }
    }

    private CompletionStage<TunnelReply> dispatch(TunnelRequest request) {
        TunnelPath path = TunnelPath.parse(request.path());
        if (!request.method().equals(path.read() ? "GET" : "POST")) {
            throw new FrameException("method is not GET for r or POST for w");
        }
        ByteBuf body = path.read() ? FrameText.decode(TunnelPath.message(request.query())) : onHeap(request.body());
        boolean batch = !path.read() && FrameBody.isBatch(body);
        ByteBuf sealed = batch ? FrameBody.next(body) : body;
        if (sealed.readableBytes() < Frame.OVERHEAD || sealed.readableBytes() > Frame.MAX_LENGTH) {
            throw new FrameException("frame of " + sealed.readableBytes() + " bytes");
        }
        boolean init = Frame.isInit(sealed);
        if (init && !path.read()) {
            throw new FrameException("init frame on w");
        }
        FrameCipher cipher = parts.cipher().get();
        KeyAgreement agreement = parts.agreement().get();
        if (cipher == null || init && agreement == null) {
            parts.refusals().count(Refusals.Cause.UNAVAILABLE, cipher == null ? "FrameCipher" : "KeyAgreement");
            return done(TunnelReply.unavailable());
        }
        ServerChannel configured = channels.find(path.channel());
        boolean served = configured != null && configured.isServed();
        BasicCredentials wanted = served ? configured.settings().credentials().orElse(nobody) : nobody;
        boolean authorized = wanted.matches(request.authorization()) || wanted == nobody;
        ServerChannel channel = served && authorized ? configured : decoy;
        Refusals.Cause misfit =
                !served ? Refusals.Cause.CHANNEL : authorized ? Refusals.Cause.KEY : Refusals.Cause.CREDENTIALS;

        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        try {
            FrameOpener opener = new FrameOpener(cipher, sealed, out);
            CompletionStage<TunnelReply> reply = init
                    ? init(channel, opener, cipher, agreement, path, request)
                    : data(channel, opener, path, request, new Received(cipher, body, batch, out));
            return reply != null
                    ? reply
                    : refuse(
                            request,
                            configured == null ? decoy : configured,
                            misfit,
                            (path.read() ? "r" : "w") + " of channel " + path.channel());
        } catch (FrameException e) {
            // Only who has the key gets here, so this may be told.
            parts.refusals().count(Refusals.Cause.WRONG, e.getMessage());
            return done(channel.wrong());
        } finally {
            out.release();
        }
    }

    /** Null if the channel's key does not fit. */
    private CompletionStage<TunnelReply> init(
            ServerChannel channel,
            FrameOpener opener,
            FrameCipher cipher,
            KeyAgreement agreement,
            TunnelPath path,
            TunnelRequest request) {
        Frame frame = opener.open(channel.initKey(agreement));
        if (frame == null) {
            return mayAsk(request) ? null : tooMany(request);
        }
        InitPayload hello = InitPayload.read(frame.payload());
        ServerSettings settings = parts.settings().get();
        UUID client = Session.clientOf(hello.sender());
        if (Session.isContinuing(hello.sender()) && channel.sessions().current(client) == null) {
            parts.refusals()
                    .count(Refusals.Cause.SESSION, "channel " + channel.name() + ": a session to continue has gone");
            return done(TunnelReply.refused());
        }
        if (isFull(channel.sessions(), client, settings)
                || !channel.allowsInit(hello.publicKey(), settings.initsPerSecond())) {
            parts.refusals().count(Refusals.Cause.TOO_MANY, "channel " + channel.name());
            return done(TunnelReply.unavailable());
        }
        FrameKey key;
        ByteBuf answer = Frame.allocate(PooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        try (EphemeralKeyPair pair = agreement.generate()) {
            key = KeySchedule.sessionKey(agreement, channel.settings().secret(), pair, hello.publicKey());
            new InitPayload(serverId.apply(agreement), pair.publicKey()).write(answer);
            Frame.seal(cipher, channel.initKey(agreement), parts.nonces(), Operation.INIT, -1, answer);
        } catch (HttunException e) {
            answer.release();
            return null;
        }
        channel.countRequest();
        Session session = new Session(parts, channel, hello.sender(), key);
        if (path.serial() >= 0) {
            channel.sessions().hints().expect(session, true, path.serial() + 1);
            channel.sessions().hints().expect(session, false, path.serial() + FIRST_WRITE_SERIAL);
        }
        // Last, since from now on it may end, and take its hints with it.
        channel.sessions().add(session, mostUnconfirmed(channel.sessions(), settings));
        return done(channel.frame(answer, TunnelReply.Delivery.UNTRACKED));
    }

    /** Whether a session of this client would be one too many, on its channel or in all, or find no memory. */
    private boolean isFull(SessionTable sessions, UUID client, ServerSettings settings) {
        int inAll = settings.maxSessionsInAll();
        return mostUnconfirmed(sessions, settings) == 0
                || !sessions.has(client)
                        && (sessions.size() >= settings.maxSessions()
                                || channels.count(SessionTable::size) >= inAll
                                || parts.queues().isFull(settings.queuesPercent()));
    }

    /** Where there are too many in all, a channel that has some gives its own oldest up for a new one. */
    private int mostUnconfirmed(SessionTable sessions, ServerSettings settings) {
        int most = settings.maxSessions();
        boolean full = channels.count(SessionTable::unconfirmed) >= settings.maxSessionsInAll();
        return full ? Math.min(most, sessions.unconfirmed()) : most;
    }

    /**
     * What came in a request.
     *
     * @param body what is left of it behind the first frame, where it is a batch
     * @param out payload of the first frame
     */
    private record Received(FrameCipher cipher, ByteBuf body, boolean batch, ByteBuf out) {}

    /** Null if no session fits. */
    private CompletionStage<TunnelReply> data(
            ServerChannel channel, FrameOpener opener, TunnelPath path, TunnelRequest request, Received received) {
        Session seen = request.carrier().attachment() instanceof Session last ? last : null;
        FrameOpener.Opened opened = opener.openExpected(channel, path.read(), path.serial(), seen);
        boolean allowed = opened != null || mayAsk(request);
        if (opened == null && allowed) {
            opened = opener.openRecent(channel);
        }
        if (opened == null) {
            // Neither a channel's absence nor how many sessions it has may show in the time.
            SessionTable busiest = channels.most(allowed ? SessionTable::trials : SessionTable::newTrials);
            opener.feign(busiest == null ? decoy.sessions() : busiest, allowed, spare);
            return allowed ? null : tooMany(request);
        }
        Session session = opened.session();
        Frame frame = opened.frame();
        int size = frame.payload().readableBytes();
        if (!session.life().use(size + Frame.OVERHEAD)) {
            channel.end(session, "its key is used up");
            return null;
        }
        if (!channel.sessions().confirm(session)) {
            return null;
        }
        session.used();
        session.seenFrom(request.carrier().peer());
        session.traffic().in(size);
        channel.countRequest();
        channel.sessions().hints().seen(session, path.read(), path.serial());
        request.carrier().attach(session);
        if (path.read()) {
            return read(session, frame);
        }
        if (received.batch() != session.batches()) {
            throw new FrameException(
                    (received.batch() ? "a batch" : "a single frame") + " on w, unlike the client's capabilities");
        }
        return session.writes()
                .write(uploads.read(session, frame, received.batch(), received.cipher(), received.body()));
    }

    private CompletionStage<TunnelReply> read(Session session, Frame frame) {
        ChannelSettings settings = session.channel().settings();
        Operation operation = frame.operation();
        boolean known = operation == Operation.L7_FROM_SERVER && settings.l7()
                || operation == Operation.L3_FROM_SERVER && settings.l3().isEnabled()
                || operation == Operation.TEST_FROM_SERVER && settings.test();
        if (!known) {
            throw new FrameException("operation " + operation + " on r of channel " + settings.name());
        }
        return session.reads().read(operation, frame.sequence());
    }

    private boolean mayAsk(TunnelRequest request) {
        return strangers.mayAsk(request.carrier().peer(), parts.settings().get().strangersPerSecond());
    }

    /**
     * Not a refusal, since somebody may come from the same address who has a session. Late, so that who asks as fast as it
     * goes does not go fast.
     */
    private CompletionStage<TunnelReply> tooMany(TunnelRequest request) {
        parts.refusals().count(Refusals.Cause.STRANGER, from(request, request.method()));
        if (delayed.get() >= MAX_DELAYED) {
            return done(TunnelReply.unavailable());
        }
        delayed.incrementAndGet();
        CompletableFuture<TunnelReply> late = new CompletableFuture<>();
        parts.loops()
                .next()
                .schedule(
                        () -> {
                            delayed.decrementAndGet();
                            late.complete(TunnelReply.unavailable());
                        },
                        DELAY_MILLIS,
                        TimeUnit.MILLISECONDS);
        return late;
    }

    private CompletionStage<TunnelReply> refuse(
            TunnelRequest request, ServerChannel channel, Refusals.Cause cause, String detail) {
        channel.countRefused();
        parts.refusals().count(cause, from(request, detail));
        return done(TunnelReply.refused());
    }

    private String from(TunnelRequest request, String detail) {
        String peer = request.carrier().peer();
        boolean named = parts.settings().get().logClientAddresses() && !peer.isEmpty();
        return named ? detail + ", from " + peer : detail;
    }

    /** Ciphers work on arrays. */
    private static ByteBuf onHeap(ByteBuf body) {
        if (body.hasArray()) {
            return body;
        }
        byte[] copy = new byte[body.readableBytes()];
        body.getBytes(body.readerIndex(), copy);
        return Unpooled.wrappedBuffer(copy);
    }

    private static CompletionStage<TunnelReply> done(TunnelReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
