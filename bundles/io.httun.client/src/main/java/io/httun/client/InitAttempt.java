// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.status.Trouble;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Initialises one session: tries every URL in turn, in a few rounds with growing pauses, within a bounded time. Confined to an
 * event loop.
 */
final class InitAttempt implements HttpLink.Exchange {
    /**
     * An initialised session.
     *
     * @param link of the init; becomes the session's connection for r
     * @param offersPipes whether the server could carry a pipe, even if none was requested
     */
    record Ready(SessionKeys keys, RequestHeads heads, HttpLink link, boolean offersPipes) {
        /** Releases what a session would use. */
        void discard() {
            link.close();
            keys.destroy();
        }
    }

    /** Gets the result, once, on the loop. */
    interface Then {
        void ready(Ready ready);

        void refused(RefusedException refusal);
    }

    private static final int ROUNDS = 3;
    private static final int TRIES = 3;
    private static final long PAUSE = 100;
    private static final int DOUBLINGS = 3;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int PROXY_AUTHENTICATION = 407;
    private static final int SERVER_ERROR = 500;
    private static final long SECOND = 1000;
    /** RFC 6585 section 6. */
    private static final int NETWORK_LOGIN = 511;

    private final ClientContext context;
    private final EventLoop loop;
    private final UUID id;
    private final List<RequestHeads> candidates;
    private final int rounds;
    private final Then then;
    /** The server of the session that gets its next key, empty for a new session: no other server has it, and this one answers while it is drained. */
    private final Optional<PeerProtocol> ongoing;

    private final long end;
    private final Future<?> deadline;
    private Iterator<RequestHeads> left;
    private RequestHeads heads;
    private HttpLink link;
    /** Of the pending request. */
    private InitHandshake handshake;

    private int round;
    private int tries;
    private boolean hopeless = true;
    private boolean done;
    private HttunException last = new HttunException("no answer");

    private InitAttempt(
            ClientContext context,
            EventLoop loop,
            UUID id,
            Optional<PeerProtocol> ongoing,
            List<RequestHeads> candidates,
            int rounds,
            long bound,
            Then then) {
        this.context = context;
        this.loop = loop;
        this.id = id;
        this.ongoing = ongoing;
        this.candidates = candidates;
        this.rounds = rounds;
        this.then = then;
        this.end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(bound);
        this.deadline = loop.schedule(
                () -> fail(Cause.TIMED_OUT, "not within " + bound + " ms: " + last.getMessage()),
                bound,
                TimeUnit.MILLISECONDS);
    }

    /** Tries every configured URL. */
    static InitAttempt start(ClientContext context, EventLoop loop, UUID id, Then then) {
        long bound = context.settings().timeouts().opening();
        InitAttempt attempt = new InitAttempt(
                context, loop, id, Optional.empty(), context.urls().inOrder(), ROUNDS, bound, then);
        attempt.left = attempt.candidates.iterator();
        attempt.nextUrl();
        return attempt;
    }

    /** Ends the attempt without a result. */
    void cancel() {
        if (!done) {
            end();
            closeLink();
        }
    }

    /**
     * Initialises the next key of a session: at the same server, on this connection, which stays the session's, with the session's patience.
     *
     * @param peer the server that has the session
     */
    static void again(
            ClientContext context,
            EventLoop loop,
            UUID id,
            PeerProtocol peer,
            RequestHeads heads,
            HttpLink link,
            Then then) {
        long bound = context.settings().timeouts().patience();
        InitAttempt attempt =
                new InitAttempt(context, loop, id, Optional.of(peer), List.of(heads), Integer.MAX_VALUE, bound, then);
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
        Optional<HttunException> pause = pauses().cause(next);
        if (pause.isPresent() && ongoing.isEmpty()) {
            hopeless = false;
            next(pause.get());
            return;
        }
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
        long asked = ongoing.isPresent() ? 0 : shortestPause();
        if (asked > 0 && System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(asked) - end > 0) {
            // Nobody is to wait in vain.
            fail(Cause.UNAVAILABLE, last.getMessage());
            return;
        }
        left = candidates.iterator();
        long pause = Math.max(asked, PAUSE << Math.min(2 * (round - 1), DOUBLINGS));
        loop.schedule(this::nextUrl, pause, TimeUnit.MILLISECONDS);
    }

    /** The node that must answer; 0 for any. */
    private int node() {
        return ongoing.map(PeerProtocol::node).orElse(0);
    }

    private ServerPauses pauses() {
        return context.urls().pauses();
    }

    /** Until one of the servers may be asked. */
    private long shortestPause() {
        return candidates.stream().mapToLong(pauses()::millisLeft).min().orElse(0);
    }

    private void request() {
        if (done) {
            return;
        }
        FrameCipher cipher = context.surroundings().cipher().get();
        KeyAgreement agreement = context.surroundings().agreement().get();
        if (cipher == null || agreement == null) {
            last = new HttunException("there is no " + (cipher == null ? "cipher (FrameCipher)" : "KeyAgreement")
                    + ": start a bundle io.httun.crypto");
            loop.schedule(this::request, PAUSE, TimeUnit.MILLISECONDS);
            return;
        }
        tries++;
        try {
            forgetHandshake();
            handshake = new InitHandshake(context, id, node(), cipher, agreement);
            byte[] message = RequestHeads.message(handshake.seal());
            context.counters().requested();
            ByteBuf head = heads.read(PooledByteBufAllocator.DEFAULT, handshake.serial(), message);
            link.request(head, null, context.settings().timeouts().init(), this);
        } catch (HttunException e) {
            fail(Cause.UNAVAILABLE, e.getMessage());
        }
    }

    @Override
    public void answered(LinkReply reply) {
        InitHandshake.Result result = null;
        try {
            if (done) {
                return;
            }
            int status = reply.status();
            if (reply.isOk()) {
                result = handshake.open(reply.body());
            } else if (isDraining(reply) && ongoing.isEmpty()) {
                hopeless = false;
                draining(reply.retryAfterMillis());
            } else if (reply.is(HttpResponseStatus.REQUEST_TIMEOUT)
                    || reply.comeAgain() >= 0
                    || status >= SERVER_ERROR) {
                hopeless = false;
                later(status, Math.max(Retry.PAUSE, reply.comeAgain()));
            } else {
                next(new HttunException(refusal(status)));
            }
        } catch (HttunException e) {
            next(new HttunException(heads.url() + ": " + Trouble.LOGIN_PAGE.with(e.getMessage())));
        } finally {
            reply.body().release();
        }
        if (result != null) {
            succeed(result);
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

    private static boolean isDraining(LinkReply reply) {
        return reply.is(HttpResponseStatus.SERVICE_UNAVAILABLE) && reply.retryAfterMillis() > ServerPauses.BUSY_MILLIS;
    }

    /** Another server is the better choice. */
    private void draining(long retryAfterMillis) {
        HttunException cause = new HttunException(heads.url() + ": "
                + Trouble.DRAINING.with("it answers 503 with Retry-After " + retryAfterMillis / SECOND + " s"));
        pauses().asked(heads, retryAfterMillis, cause);
        next(cause);
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

    private void succeed(InitHandshake.Result result) {
        end();
        if (ongoing.isEmpty()) {
            context.urls().worked(heads);
        }
        then.ready(new Ready(result.keys(), heads, link, result.offersPipes()));
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
        forgetHandshake();
    }

    private void closeLink() {
        if (link != null) {
            link.close();
        }
    }

    private void forgetHandshake() {
        if (handshake != null) {
            handshake.close();
            handshake = null;
        }
    }
}
