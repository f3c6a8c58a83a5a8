// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.FrameBody;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.ProbeAsk.Kind;
import io.httun.protocol.ProbeFiller;
import io.httun.protocol.ProbeResult;
import io.httun.toolkit.status.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The measurements of a {@link PathProbe} in a session with a server of ours. Blocks its thread. */
final class PathMeasurement {
    /** The server's result and the reply that carried it. */
    private record Answer(ProbeResult result, ProbeLink.Reply reply, long nanos) {}

    private static final int EXCHANGES = 6;
    /** Requests that are to be at the server at the same time. */
    static final int MEETING = 16;

    private static final int FIRST = 64 << 10;
    private static final int SMALLEST = 4 << 10;
    private static final int RATE_LINKS = 4;
    private static final int RATE_MILLIS = 300;
    /** Several bodies fit into the time of the measurement, except on slow lines. */
    private static final int RATE_BODY = 256 << 10;

    private static final long RATE_BYTES = 24 << 20;
    private static final int KEEP_ALIVE_MILLIS = 5000;
    private static final double NANOS_PER_MILLI = 1e6;

    private final ServerUrl url;
    private final PathProbe.Limits limits;
    private final ProbeFindings found;
    private final ProbeLinks links;
    private final ProbeSession session;
    private final Consumer<String> progress;
    private long roundTripNanos;

    PathMeasurement(
            ServerUrl url,
            PathProbe.Limits limits,
            ProbeFindings found,
            ProbeLinks links,
            ProbeSession session,
            Consumer<String> progress) {
        this.url = url;
        this.limits = limits;
        this.found = found;
        this.links = links;
        this.session = session;
        this.progress = progress;
    }

    /** Measures what limits requests, without a load. */
    void measureLimits() throws InterruptedException {
        keptRequests();
        found.largestRequest = largestRequest();
        if (found.largestRequest > 0) {
            found.parallel = parallel();
        }
    }

    void measure() throws InterruptedException {
        progress.accept("round trips");
        keptRequests();
        report();
        progress.accept("bodies");
        found.largestRequest = largestRequest();
        if (found.largestRequest == 0) {
            return;
        }
        found.largestReply = largestReply();
        progress.accept("replies in parts");
        parts();
        progress.accept("parallel requests");
        found.parallel = parallel();
        progress.accept("rates");
        int up = Math.min(RATE_BODY, found.largestRequest);
        found.toServer = rate(() -> upload(up).thenApply(reply -> up));
        int down = Math.min(RATE_BODY, found.largestReply);
        found.fromServer = down == 0
                ? -1
                : rate(() -> reply(down).thenApply(answer -> answer.reply().body().length));
    }

    /** A connection that was closed after its first request may have been closed by chance: another one shows. */
    private void keptRequests() throws InterruptedException {
        exchanges();
        if (found.keptRequests == 1) {
            exchanges();
        }
    }

    /** Uses one connection as long as it carries requests. */
    private void exchanges() throws InterruptedException {
        Optional<ProbeLink> link = await(links.open());
        int kept = 0;
        for (int i = 0; i < EXCHANGES && link.isPresent() && link.get().isOpen(); i++) {
            Optional<Answer> answer = await(ask(link.get(), ProbeAsk.of(Kind.ANSWER, 0, 0), bytes -> {}));
            if (answer.isEmpty()) {
                break;
            }
            kept++;
            long nanos = answer.get().nanos();
            roundTripNanos = roundTripNanos == 0 ? nanos : Math.min(roundTripNanos, nanos);
            found.skew(answer.get().result().timeMillis());
            found.replyHeaders(answer.get().reply().headers());
        }
        found.keptRequests = kept == 0 ? found.keptRequests : Math.max(found.keptRequests, kept);
        found.roundTripMillis = roundTripNanos / NANOS_PER_MILLI;
        link.filter(ProbeLink::isOpen).ifPresent(links::giveBack);
    }

    private void report() throws InterruptedException {
        await(once(ProbeAsk.of(Kind.REPORT, 0, 0)))
                .ifPresent(answer -> found.requestHeaders(
                        session.sentHeaders(), answer.result().text()));
    }

    private int largestRequest() throws InterruptedException {
        String why = "no answer";
        for (int size = FrameBody.MAX_BATCH; size >= SMALLEST; size /= 2) {
            try {
                ProbeLink.Reply reply = upload(size).get(limits.request(), TimeUnit.MILLISECONDS);
                if (reply.status() == 200 && reply.body().length == 0) {
                    found.post = true;
                    return size;
                }
                why = "status " + reply.status();
            } catch (ExecutionException e) {
                why = e.getCause().getMessage();
            } catch (TimeoutException e) {
                why = "no answer in time";
            }
        }
        found.problem = url + ": " + Trouble.PROXY_REFUSES.with("POST with a body of " + SMALLEST + " bytes: " + why);
        return 0;
    }

    private int largestReply() throws InterruptedException {
        for (int size = FrameBody.MAX_BATCH; size >= SMALLEST; size /= 2) {
            if (await(reply(size)).isPresent()) {
                return size;
            }
        }
        return 0;
    }

    private CompletableFuture<Answer> reply(int size) {
        int reserved = FrameBody.OVERHEAD + ProbeResult.LENGTH;
        return once(ProbeAsk.of(Kind.ANSWER, ProbeFiller.lengthIn(size, reserved), 0));
    }

    private CompletableFuture<ProbeLink.Reply> upload(int size) {
        return links.use(link -> {
            ProbeSession.Request request = session.upload(size);
            return link.send(request.head(), request.body(), bytes -> {});
        });
    }

    private void parts() throws InterruptedException {
        CompletableFuture<Answer> head = part(0);
        CompletableFuture<Answer> one = part(1);
        CompletableFuture<Answer> many = part(FIRST);
        found.head = await(head).map(PathMeasurement::passed).orElse("");
        found.firstByte = await(one).map(PathMeasurement::passed).orElse("");
        found.first64KiB = await(many).map(PathMeasurement::passed).orElse("");
    }

    private static String passed(Answer answer) {
        return answer.result().released() ? PathReport.AT_ONCE : PathReport.AT_THE_END;
    }

    /** Requests a reply whose rest the server holds back until the client confirms the first bytes, or for a limited time. */
    private CompletableFuture<Answer> part(int first) {
        int wait = (int)
                Math.min(limits.request(), Math.max(limits.pause(), 4 * TimeUnit.NANOSECONDS.toMillis(roundTripNanos)));
        ProbeAsk ask = new ProbeAsk(Kind.PARTS, first + SMALLEST, first, wait, 1, 0);
        AtomicBoolean seen = new AtomicBoolean();
        return links.use(link -> {
            AtomicLong number = new AtomicLong();
            return ask(link, ask, number, bytes -> {
                if (bytes >= first && seen.compareAndSet(false, true)) {
                    once(new ProbeAsk(Kind.RELEASE, 0, 0, 0, 1, number.get()));
                }
            });
        });
    }

    /** The first requests wait for their connections, perhaps too long to meet: their number is confirmed on open ones. */
    private int parallel() throws InterruptedException {
        int most = meet();
        return most > 1 && most < MEETING ? Math.max(most, meet()) : most;
    }

    private int meet() throws InterruptedException {
        List<CompletableFuture<Answer>> all = new ArrayList<>();
        for (int i = 0; i < MEETING; i++) {
            all.add(once(new ProbeAsk(Kind.MEET, 0, 0, limits.pause(), MEETING, 0)));
        }
        int most = 0;
        for (CompletableFuture<Answer> each : all) {
            most = Math.max(
                    most, await(each).map(answer -> answer.result().together()).orElse(0));
        }
        return most;
    }

    /** Repeats exchanges on a few connections; returns MiB/s. @param exchange completes with its number of bytes */
    private double rate(Supplier<CompletableFuture<Integer>> exchange) throws InterruptedException {
        long began = System.nanoTime();
        AtomicLong bytes = new AtomicLong();
        List<CompletableFuture<Void>> runs = new ArrayList<>();
        for (int i = 0; i < Math.max(1, Math.min(RATE_LINKS, found.parallel)); i++) {
            runs.add(repeat(exchange, bytes, began + TimeUnit.MILLISECONDS.toNanos(RATE_MILLIS)));
        }
        await(CompletableFuture.allOf(runs.toArray(CompletableFuture[]::new)));
        return bytes.get() / (double) (1 << 20) * 1e9 / Math.max(1, System.nanoTime() - began);
    }

    private CompletableFuture<Void> repeat(
            Supplier<CompletableFuture<Integer>> exchange, AtomicLong bytes, long until) {
        return exchange.get()
                .thenCompose(length -> bytes.addAndGet(length) >= RATE_BYTES || System.nanoTime() - until >= 0
                        ? CompletableFuture.completedFuture(null)
                        : repeat(exchange, bytes, until));
    }

    void measureIdle() throws InterruptedException {
        progress.accept("silence, for up to " + limits.idle() / 1000 + " s");
        long began = System.nanoTime();
        Optional<ProbeLink> silent = await(links.open());
        if (silent.isPresent()) {
            await(ask(silent.get(), ProbeAsk.of(Kind.ANSWER, 0, 0), bytes -> {}));
        }
        int longest = Math.min(ProbeAsk.MAX_WAIT, limits.idle());
        // On a new connection: after the loss of a kept one the request would be repeated.
        CompletableFuture<Long> cut = await(links.open())
                .map(link -> ask(link, ProbeAsk.of(Kind.ANSWER, 0, longest), bytes -> {})
                        .handle((answer, failure) -> failure == null ? 0 : elapsed(began)))
                .orElseGet(() -> CompletableFuture.completedFuture(0L));
        CompletableFuture<Long> left = silent.map(link -> link.closed().thenApply(end -> elapsed(began)))
                .orElseGet(() -> CompletableFuture.completedFuture(0L));
        while (elapsedMillis(began) < limits.idle() && !(cut.isDone() && left.isDone())) {
            await(once(ProbeAsk.of(Kind.ANSWER, 0, 0)));
            await(CompletableFuture.allOf(cut, left), KEEP_ALIVE_MILLIS);
        }
        found.waitSeconds = cut.isDone() ? (int) (long) cut.join() : 0;
        found.idleSeconds = left.isDone() ? (int) (long) left.join() : 0;
    }

    private static long elapsedMillis(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** Returns seconds, at least 1. */
    private static long elapsed(long began) {
        return Math.max(1, Math.round(elapsedMillis(began) / 1000.0));
    }

    private CompletableFuture<Answer> once(ProbeAsk ask) {
        return links.use(link -> ask(link, ask, bytes -> {}));
    }

    private CompletableFuture<Answer> ask(ProbeLink link, ProbeAsk ask, IntConsumer moved) {
        return ask(link, ask, new AtomicLong(), moved);
    }

    private CompletableFuture<Answer> ask(ProbeLink link, ProbeAsk ask, AtomicLong number, IntConsumer moved) {
        ProbeSession.Request request = session.ask(ask);
        number.set(request.number());
        long began = System.nanoTime();
        return link.send(request.head(), null, moved)
                .thenApply(
                        reply -> new Answer(session.open(request.number(), reply), reply, System.nanoTime() - began));
    }

    private <T> Optional<T> await(CompletableFuture<T> future) throws InterruptedException {
        return await(future, limits.request());
    }

    /** Returns empty after a failure or the time limit. */
    static <T> Optional<T> await(CompletableFuture<T> future, long millis) throws InterruptedException {
        try {
            return Optional.ofNullable(future.get(millis, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException | HttunException e) {
            return Optional.empty();
        }
    }
}
