// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.Serials;
import io.httun.toolkit.status.Trouble;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Initialises one session: every URL in turn, a few rounds with growing pauses, within a bounded time. Confined to an
 * event loop.
 */
final class InitAttempt implements HttpLink.Exchange {
    /**
     * A session was initialised.
     *
     * @param link goes on as the session's connection for r
     * @param offersPipes whether the server could carry a pipe, whatever was asked for
     */
    record Ready(SessionKeys keys, RequestHeads heads, HttpLink link, boolean offersPipes) {}

    /** Told the result, once, on the loop. */
    interface Then {
        void ready(Ready ready);

        void refused(RefusedException refusal);
    }

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ROUNDS = 3;
    private static final int TRIES = 3;
    private static final long PAUSE = 100;
    private static final int DOUBLINGS = 3;
    private static final long ANY_SEQUENCE = -1;
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int PROXY_AUTHENTICATION = 407;
    private static final int SERVER_ERROR = 500;
    /** RFC 6585 section 6. */
    private static final int NETWORK_LOGIN = 511;

    private final ClientContext context;
    private final EventLoop loop;
    private final UUID id;
    private final int node;
    private final List<RequestHeads> candidates;
    private final int rounds;
    private final Then then;
    private final Future<?> deadline;
    private Iterator<RequestHeads> left;
    private RequestHeads heads;
    private HttpLink link;
    /** Those of the request on its way, which open its answer even if they have gone meanwhile. */
    private FrameCipher cipher;

    private KeyAgreement agreement;
    private EphemeralKeyPair pair;
    private long serial;
    private int round;
    private int tries;
    private boolean offersPipes;
    private boolean hopeless = true;
    private boolean done;
    private HttunException last = new HttunException("no answer");

    private InitAttempt(
            ClientContext context,
            EventLoop loop,
            UUID id,
            int node,
            List<RequestHeads> candidates,
            int rounds,
            long bound,
            Then then) {
        this.context = context;
        this.loop = loop;
        this.id = id;
        this.node = node;
        this.candidates = candidates;
        this.rounds = rounds;
        this.then = then;
        this.deadline = loop.schedule(
                () -> fail(Cause.TIMED_OUT, "not within " + bound + " ms: " + last.getMessage()),
                bound,
                TimeUnit.MILLISECONDS);
    }

    /** Begins on the loop's thread. */
    static InitAttempt start(ClientContext context, EventLoop loop, UUID id, Then then) {
        long bound = context.settings().timeouts().opening();
        InitAttempt attempt =
                new InitAttempt(context, loop, id, 0, context.urls().inOrder(), ROUNDS, bound, then);
        attempt.left = attempt.candidates.iterator();
        attempt.nextUrl();
        return attempt;
    }

    /** Ends it without a result; must be called on the loop. */
    void cancel() {
        if (!done) {
            end();
            closeLink();
        }
    }

    /**
     * For a session that goes on: at the same server and on its connection, which stays the session's, and as patient as
     * the session's other messages.
     *
     * @param node that has the session, 0 for none
     */
    static void again(
            ClientContext context, EventLoop loop, UUID id, int node, RequestHeads heads, HttpLink link, Then then) {
        long bound = context.settings().timeouts().patience();
        InitAttempt attempt = new InitAttempt(context, loop, id, node, List.of(heads), Integer.MAX_VALUE, bound, then);
        attempt.left = attempt.candidates.iterator();
        attempt.link = link;
        attempt.nextUrl();
    }

    private void nextUrl() {
        if (done) {
            return;
        }
        if (!left.hasNext()) {
            nextRound();
            return;
        }
        RequestHeads next = left.next();
        if (link == null || next != heads && heads != null) {
            closeLink();
            link = new HttpLink(loop, context.dialer(), next.url());
        }
        heads = next;
        tries = 0;
        request();
    }

    private void nextRound() {
        round++;
        if (hopeless || round == rounds) {
            fail(last instanceof LinkTimeoutException ? Cause.TIMED_OUT : Cause.UNAVAILABLE, last.getMessage());
            return;
        }
        left = candidates.iterator();
        loop.schedule(this::nextUrl, PAUSE << Math.min(2 * (round - 1), DOUBLINGS), TimeUnit.MILLISECONDS);
    }

    private void request() {
        if (done) {
            return;
        }
        cipher = context.surroundings().cipher().get();
        agreement = context.surroundings().agreement().get();
        if (cipher == null || agreement == null) {
            last = new HttunException("there is no " + (cipher == null ? "cipher (FrameCipher)" : "KeyAgreement")
                    + ": start a bundle io.httun.crypto");
            loop.schedule(this::request, PAUSE, TimeUnit.MILLISECONDS);
            return;
        }
        tries++;
        try {
            forgetPair();
            pair = agreement.generate();
            serial = Serials.of(RANDOM.nextLong(), node);
            byte[] message = RequestHeads.message(sealed());
            context.counters().requested();
            ByteBuf head = heads.read(PooledByteBufAllocator.DEFAULT, serial, message);
            link.request(head, null, context.settings().timeouts().init(), this);
        } catch (HttunException e) {
            fail(Cause.UNAVAILABLE, e.getMessage());
        }
    }

    private ByteBuf sealed() {
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        new InitPayload(id, pair.publicKey()).write(frame);
        if (!context.initLife().use(InitPayload.LENGTH + Frame.OVERHEAD)) {
            frame.release();
            throw new HttunException(
                    "the channel's secret has protected as many inits as it may: configure a new one at both ends");
        }
        FrameKey key = initKey();
        try {
            return Frame.seal(cipher, key, context.surroundings().nonces(), Operation.INIT, ANY_SEQUENCE, frame);
        } finally {
            key.destroy();
        }
    }

    private FrameKey initKey() {
        return KeySchedule.initKey(agreement, context.settings().secret());
    }

    @Override
    public void answered(int status, ByteBuf body, boolean page, long comeAgain) {
        SessionKeys keys = null;
        try {
            if (done) {
                return;
            }
            if (status == OK) {
                keys = open(body);
            } else if (status == REQUEST_TIMEOUT || comeAgain >= 0 || status >= SERVER_ERROR) {
                hopeless = false;
                later(status, Math.max(Retry.PAUSE, comeAgain));
            } else {
                next(new HttunException(refusal(status)));
            }
        } catch (HttunException e) {
            next(new HttunException(heads.url() + ": " + Trouble.LOGIN_PAGE.with(e.getMessage())));
        } finally {
            body.release();
        }
        if (keys != null) {
            succeed(keys);
        }
    }

    private SessionKeys open(ByteBuf body) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(Math.max(1, body.readableBytes()));
        FrameKey key = initKey();
        try {
            Frame frame = Frame.open(cipher, key, body, out);
            if (frame == null || frame.operation() != Operation.INIT) {
                throw new FrameException("got " + body.readableBytes() + " bytes, expected an init frame");
            }
            InitPayload answer = InitPayload.read(frame.payload());
            offersPipes = (PeerId.capabilities(answer.sender()) & PeerId.PIPE) != 0;
            FrameKey session =
                    KeySchedule.sessionKey(agreement, context.settings().secret(), pair, answer.publicKey());
            return new SessionKeys(
                    context.surroundings(),
                    session,
                    PeerProtocol.of(id, answer.sender()),
                    context.settings().windowLength(),
                    serial);
        } finally {
            key.destroy();
            out.release();
        }
    }

    private String refusal(int status) {
        Trouble trouble =
                switch (status) {
                    case NOT_FOUND -> Trouble.NOT_ACCEPTED;
                    case UNAUTHORIZED -> Trouble.SERVER_LOGIN;
                    case NETWORK_LOGIN -> Trouble.LOGIN_PAGE;
                    default -> status < BAD_REQUEST ? Trouble.LOGIN_PAGE : Trouble.PROXY_REFUSES;
                };
        String from = heads.url() + ": ";
        return status == PROXY_AUTHENTICATION
                ? "a proxy before " + from + Trouble.PROXY_LOGIN
                : from + trouble.with("status " + status);
    }

    private void later(int status, long pause) {
        Trouble trouble = status == NOT_FOUND
                ? Trouble.WRONG_PATH
                : status == NETWORK_LOGIN ? Trouble.LOGIN_PAGE : Trouble.NOT_READY;
        HttunException cause = new HttunException(heads.url() + ": " + trouble.with("it answers " + status));
        if (tries == TRIES) {
            next(cause);
        } else {
            last = cause;
            loop.schedule(this::request, pause, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        hopeless &= failure == HttpLink.Failure.GARBAGE || failure == HttpLink.Failure.LOGIN;
        if (failure == HttpLink.Failure.UNANSWERED && !(cause instanceof LinkTimeoutException)) {
            next(new HttunException(heads.url() + ": " + Trouble.CLOSED.with(cause.getMessage()), cause));
        } else if (failure == HttpLink.Failure.LOGIN) {
            next(new HttunException(heads.url() + ": " + cause.getMessage(), cause));
        } else {
            next(cause);
        }
    }

    private void next(HttunException cause) {
        last = cause;
        nextUrl();
    }

    private void succeed(SessionKeys keys) {
        end();
        context.urls().worked(heads);
        then.ready(new Ready(keys, heads, link, offersPipes));
    }

    private void fail(Cause cause, String message) {
        if (done) {
            return;
        }
        end();
        closeLink();
        then.refused(new RefusedException(cause, "tunnel " + context.settings().name() + ": " + message));
    }

    private void end() {
        done = true;
        deadline.cancel(false);
        forgetPair();
    }

    private void closeLink() {
        if (link != null) {
            link.close();
        }
    }

    private void forgetPair() {
        if (pair != null) {
            pair.close();
            pair = null;
        }
    }
}
