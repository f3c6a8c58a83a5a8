// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.FrameBody;
import io.httun.protocol.PeerId;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.ProbeAsk.Kind;
import io.httun.protocol.ProbeFiller;
import io.httun.protocol.ProbeResult;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Finds out what the path to a server allows. One run, which blocks its thread; the network is on an event loop. */
final class PathProbe {
    /**
     * Times in milliseconds.
     *
     * @param pause that the server makes between two parts of a reply, unless the first one has arrived
     * @param request after which a request has failed
     * @param idle how long connections stay silent with {@code --idle}
     */
    record Limits(int pause, int request, int idle) {
        /** Idle: beyond the 60 s and the 65 s after which common proxies close. A request: as long as 1 MiB takes at 2.8 Mbit/s. */
        static final Limits DEFAULT = new Limits(700, 3000, 66_000);
    }

    /** What the server said, and how the reply was. */
    private record Answer(ProbeResult result, ProbeLink.Reply reply, long nanos) {}

    private static final int CAPABILITIES = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL | PeerId.PROBE;
    private static final int EXCHANGES = 6;
    private static final int MEETING = 16;
    private static final int FIRST = 64 << 10;
    private static final int SMALLEST = 4 << 10;
    private static final int RATE_LINKS = 4;
    private static final int RATE_MILLIS = 300;
    /** Several fit into the time of the measurement on all but slow lines. */
    private static final int RATE_BODY = 256 << 10;

    private static final long RATE_BYTES = 24 << 20;
    private static final int KEEP_ALIVE_MILLIS = 5000;
    private static final double NANOS_PER_MILLI = 1e6;

    private final ClientContext context;
    private final EventLoop loop;
    private final ServerUrl url;
    private final Limits limits;
    private final ProbeFindings found;
    private final ProbeLinks links;
    private Consumer<String> progress = step -> {};
    private ProbeSession session;
    private long roundTripNanos;

    PathProbe(ClientContext context, Limits limits) {
        this.context = context;
        this.loop = context.surroundings().loops().group().next();
        this.url = context.urls().inOrder().get(0).url();
        this.limits = limits;
        this.found = new ProbeFindings(context.settings(), url);
        this.links = new ProbeLinks(loop, context.dialer(), url);
    }

    /** @param secret whether the channel's secret is known; else only what strangers may see is found out */
    PathReport run(boolean idle, boolean secret, Consumer<String> told) throws InterruptedException {
        progress = told;
        try {
            lookUp();
            if (connect() && begin(secret) && session != null) {
                measure();
                if (idle && found.problem.isEmpty()) {
                    measureIdle();
                }
            }
            return found.report();
        } finally {
            links.close();
            if (session != null) {
                session.close();
            }
        }
    }

    private void lookUp() throws InterruptedException {
        boolean literal = NetUtil.isValidIpV4Address(url.host()) || NetUtil.isValidIpV6Address(url.host());
        if (literal || !context.settings().wayOut().connector().isEmpty()) {
            found.addresses = literal ? List.of(url.host()) : List.of();
            return;
        }
        progress.accept("looking up " + url.host());
        long began = System.nanoTime();
        CompletableFuture<List<InetAddress>> names = new CompletableFuture<>();
        context.surroundings().resolver().resolve(url.host(), loop).addListener(resolved -> {
            @SuppressWarnings("unchecked")
            List<InetAddress> addresses = resolved.isSuccess() ? (List<InetAddress>) resolved.getNow() : List.of();
            names.complete(addresses);
        });
        found.addresses = await(names).orElse(List.of()).stream()
                .map(InetAddress::getHostAddress)
                .toList();
        found.dnsMillis = (System.nanoTime() - began) / NANOS_PER_MILLI;
    }

    private boolean connect() throws InterruptedException {
        progress.accept("connecting to " + url);
        try {
            ProbeLink link = links.open().get(context.settings().timeouts().opening(), TimeUnit.MILLISECONDS);
            found.tls(link.channel());
            links.giveBack(link);
            return true;
        } catch (ExecutionException e) {
            found.problem = e.getCause().getMessage();
        } catch (TimeoutException e) {
            found.problem = url + ": " + Trouble.NO_ANSWER;
        }
        return false;
    }

    private boolean begin(boolean secret) throws InterruptedException {
        progress.accept("beginning a session");
        CompletableFuture<InitAttempt.Ready> begun = new CompletableFuture<>();
        CompletableFuture<InitAttempt> attempt = new CompletableFuture<>();
        loop.execute(() -> attempt.complete(InitAttempt.start(
                context,
                loop,
                PeerId.of(CAPABILITIES, ThreadLocalRandom.current().nextLong()),
                new InitAttempt.Then() {
                    @Override
                    public void ready(InitAttempt.Ready ready) {
                        ready.link().close();
                        if (!begun.complete(ready)) {
                            ready.keys().destroy();
                        }
                    }

                    @Override
                    public void refused(RefusedException refusal) {
                        begun.completeExceptionally(refusal);
                    }
                })));
        try {
            use(begun.get());
            return true;
        } catch (ExecutionException e) {
            boolean stranger =
                    !secret && Trouble.in(e.getCause().getMessage()).equals(Optional.of(Trouble.NOT_ACCEPTED));
            found.get = stranger;
            found.server = stranger ? ProbeFindings.UNKNOWN_SERVER : "";
            found.problem = stranger ? "" : e.getCause().getMessage();
            return false;
        } finally {
            if (!begun.isDone()) {
                begun.cancel(false);
                attempt.thenAccept(running -> loop.execute(running::cancel));
            }
        }
    }

    private void use(InitAttempt.Ready ready) {
        found.get = true;
        boolean probes = (ready.keys().peer().capabilities() & PeerId.PROBE) != 0;
        found.server = probes ? "httun" : "stock";
        if (probes) {
            session = new ProbeSession(context, ready.keys(), ready.heads());
        } else {
            ready.keys().destroy();
        }
    }

    private void measure() throws InterruptedException {
        progress.accept("round trips");
        exchanges();
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
        meet();
        progress.accept("rates");
        int up = Math.min(RATE_BODY, found.largestRequest);
        found.toServer = rate(() -> upload(up).thenApply(reply -> up));
        int down = Math.min(RATE_BODY, found.largestReply);
        found.fromServer = down == 0
                ? -1
                : rate(() -> reply(down).thenApply(answer -> answer.reply().body().length));
    }

    /** One connection for as long as it carries requests. */
    private void exchanges() throws InterruptedException {
        Optional<ProbeLink> link = await(links.open());
        for (int i = 0; i < EXCHANGES && link.isPresent() && link.get().isOpen(); i++) {
            Optional<Answer> answer = await(ask(link.get(), ProbeAsk.of(Kind.ANSWER, 0, 0), bytes -> {}));
            if (answer.isEmpty()) {
                break;
            }
            found.keptRequests = Math.max(found.keptRequests, 0) + 1;
            long nanos = answer.get().nanos();
            roundTripNanos = roundTripNanos == 0 ? nanos : Math.min(roundTripNanos, nanos);
            found.skew(answer.get().result().timeMillis());
            found.replyHeaders(answer.get().reply().headers());
        }
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
        found.head = await(head).map(PathProbe::passed).orElse("");
        found.firstByte = await(one).map(PathProbe::passed).orElse("");
        found.first64KiB = await(many).map(PathProbe::passed).orElse("");
    }

    private static String passed(Answer answer) {
        return answer.result().released() ? PathReport.AT_ONCE : PathReport.AT_THE_END;
    }

    /** A reply whose rest the server keeps until it hears that the first bytes are here, or for a while. */
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

    private void meet() throws InterruptedException {
        List<CompletableFuture<Answer>> all = new ArrayList<>();
        for (int i = 0; i < MEETING; i++) {
            all.add(once(new ProbeAsk(Kind.MEET, 0, 0, limits.pause(), MEETING, 0)));
        }
        int most = 0;
        for (CompletableFuture<Answer> each : all) {
            most = Math.max(
                    most, await(each).map(answer -> answer.result().together()).orElse(0));
        }
        found.parallel = most;
    }

    /** Bytes of a finished exchange, again and again on a few connections. */
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

    private void measureIdle() throws InterruptedException {
        progress.accept("silence, for up to " + limits.idle() / 1000 + " s");
        long began = System.nanoTime();
        Optional<ProbeLink> silent = await(links.open());
        if (silent.isPresent()) {
            await(ask(silent.get(), ProbeAsk.of(Kind.ANSWER, 0, 0), bytes -> {}));
        }
        int longest = Math.min(ProbeAsk.MAX_WAIT, limits.idle());
        // On a connection of its own: a kept one that is cut would have it sent again.
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

    /** In seconds, at least 1. */
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

    /** Empty where it failed or is not there in time. */
    private static <T> Optional<T> await(CompletableFuture<T> future, long millis) throws InterruptedException {
        try {
            return Optional.ofNullable(future.get(millis, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException | HttunException e) {
            return Optional.empty();
        }
    }
}
