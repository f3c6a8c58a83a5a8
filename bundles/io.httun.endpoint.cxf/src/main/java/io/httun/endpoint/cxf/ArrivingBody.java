// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.toolkit.tunnel.BodyBudget;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.servlet.AsyncContext;
import javax.servlet.ReadListener;
import javax.servlet.ServletInputStream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * Gathers a request's body in one array. A body that has not come with its head holds no thread: the request is dispatched
 * again when the body is whole or too slow. Of one that is too large the rest is read and dropped first: the web server would close the
 * connection with unread input, and the reset could overtake the answer.
 */
final class ArrivingBody implements ReadListener, BodyBudget.Holder {
    /** A line of 5 kB/s brings this much in a second; a body that needs {@link #PROGRESS} for it only occupies memory. */
    private static final int LEAST_PROGRESS = 4 << 10;

    /** Below the 30 s after which web servers and Jetty give up a quiet connection. */
    static final Duration PROGRESS = Duration.ofSeconds(20);

    /** A frame fits in: an announced length up to here is believed once {@link #LEAST_PROGRESS} bytes are there. */
    private static final int TRUSTED = 66 << 10;

    private static final int FIRST = 8 << 10;

    /** A sender of more than this may lose the answer. */
    private static final int MAX_DROPPED = 16 << 20;

    private static final RequestBytes TOO_LARGE =
            new RequestBytes.Refused(TunnelReply.bare(413, List.of(TunnelReply.NO_STORE)));

    /** As the standalone server answers; closes the connection, because the rest of the body may still come. */
    private static final RequestBytes TOO_SLOW = new RequestBytes.Refused(
            TunnelReply.bare(408, List.of(TunnelReply.NO_STORE, Map.entry("connection", "close"))));

    /** Closes the connection for the same reason. */
    private static final RequestBytes NO_ROOM = new RequestBytes.Refused(TunnelReply.bare(
            503, List.of(TunnelReply.NO_STORE, Map.entry("retry-after", "1"), Map.entry("connection", "close"))));

    private final HttpServletRequest request;
    private final ServletInputStream in;
    private final ArrivingBodies bodies;
    private final BodyBudget budget;
    /** The web server may use the request object again for another client. */
    private final String source;

    private final Duration progress;
    private final long announced;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private byte[] bytes = {};
    private volatile int length;
    private AsyncContext async;
    /** Restores the connection's read time-out if the body is completed after all. */
    private volatile Runnable goOn = () -> {};

    /** @param progress time in which a body must bring {@value #LEAST_PROGRESS} bytes */
    ArrivingBody(HttpServletRequest request, ArrivingBodies bodies, Duration progress) throws IOException {
        this.request = request;
        this.bodies = bodies;
        this.budget = bodies.budget();
        this.source = request.getRemoteAddr();
        this.progress = progress;
        announced = request.getContentLengthLong();
        in = request.getInputStream();
    }

    static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    /** Takes what has come with the head. Returns whether the body is complete, or is refused already. */
    boolean arrivedWithHead() throws IOException {
        if (announced > MAX_DROPPED) {
            TOO_LARGE.attachTo(request);
            return true;
        }
        if (isTooLarge()) {
            return false;
        }
        for (int here = in.available(); announced >= 0 && here > 0 && length < announced; here = in.available()) {
            makeRoom(here);
            length += in.read(bytes, length, Math.min(here, bytes.length - length));
        }
        if (length != announced) {
            return false;
        }
        whole().attachTo(request);
        return true;
    }

    /** Has the request dispatched again when the rest has come. Returns false, and refuses the request, if there is no room for it. */
    boolean await(HttpServletResponse response) {
        if (!bodies.enter(source)) {
            NO_ROOM.attachTo(request);
            return false;
        }
        async = request.startAsync(request, response);
        async.setTimeout(0);
        hold();
        watch(length);
        in.setReadListener(this);
        return true;
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (!ended.get() && in.isReady()) {
            int read = isTooLarge() ? drop() : store();
            if (read < 0) {
                return;
            }
            length += read;
            if (length == announced || length > MAX_DROPPED) {
                onAllDataRead();
            } else {
                hold();
            }
        }
    }

    private boolean isTooLarge() {
        return Math.max(announced, length) > TunnelRequest.MAX_BODY;
    }

    private int store() throws IOException {
        makeRoom(1);
        return in.read(bytes, length, bytes.length - length);
    }

    private int drop() throws IOException {
        if (bytes.length != FIRST) {
            bytes = new byte[FIRST];
        }
        return in.read(bytes);
    }

    @Override
    public void onAllDataRead() {
        end(isTooLarge() ? TOO_LARGE : whole());
    }

    /** The connection is broken, or was idle for longer than the web server's read time-out. */
    @Override
    public void onError(Throwable failure) {
        end(TOO_SLOW);
    }

    @Override
    public void giveUp() {
        // Web servers reuse the request object for the next request of the connection, whose time-out must not change.
        synchronized (ended) {
            if (!ended.get()) {
                Optional<Runnable> expired = JettyReadTimeout.expire(request);
                if (expired.isPresent()) {
                    goOn = expired.get();
                    return;
                }
            }
        }
        end(TOO_SLOW);
    }

    private void hold() {
        budget.hold(this, bytes.length);
        if (ended.get()) {
            // Another thread ended this body in between.
            budget.free(this);
        }
    }

    private RequestBytes whole() {
        return new RequestBytes.Whole(Unpooled.wrappedBuffer(bytes, 0, length));
    }

    private void end(RequestBytes outcome) {
        boolean first;
        synchronized (ended) {
            first = ended.compareAndSet(false, true);
        }
        if (first) {
            if (outcome instanceof RequestBytes.Whole) {
                goOn.run();
            }
            budget.free(this);
            bodies.leave(source);
            finished.complete(null);
            outcome.attachTo(request);
            async.dispatch();
        }
    }

    /** Ends this body unless it makes progress. The timer belongs to the JDK and is cancelled when the body is whole. */
    private void watch(int before) {
        CompletableFuture<Void> window = finished.copy();
        window.orTimeout(progress.toNanos(), TimeUnit.NANOSECONDS).whenComplete((done, late) -> {
            if (late != null && length - before < LEAST_PROGRESS) {
                giveUp();
            } else if (late != null) {
                watch(length);
            }
        });
    }

    private void makeRoom(int least) {
        if (length + least <= bytes.length) {
            return;
        }
        boolean trusted = announced >= 0 && announced <= TRUSTED && length + least >= LEAST_PROGRESS;
        int wanted = trusted ? TRUSTED : Math.max(FIRST, Math.max(length + least, 2 * bytes.length));
        int most = announced >= 0 ? (int) announced : TunnelRequest.MAX_BODY + 1;
        bytes = Arrays.copyOf(bytes, Math.min(most, wanted));
    }
}
