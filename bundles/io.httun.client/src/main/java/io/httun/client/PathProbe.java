// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.PeerId;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Finds out what the path to a server allows, in one run that blocks its thread; I/O runs on an event loop. */
final class PathProbe {
    /**
     * Times in milliseconds.
     *
     * @param pause of the server between two parts of a reply, unless the client confirms the first one
     * @param request limit of a request
     * @param idle silence of connections with {@code --idle}
     */
    record Limits(int pause, int request, int idle) {
        /** Idle: beyond the 60 s and the 65 s after which common proxies close. A request: as long as 1 MiB takes at 2.8 Mbit/s. */
        static final Limits DEFAULT = new Limits(700, 3000, 66_000);
    }

    private static final int CAPABILITIES = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL | PeerId.PROBE;
    private static final double NANOS_PER_MILLI = 1e6;

    private final ClientContext context;
    private final EventLoop loop;
    private final ServerUrl url;
    private final Limits limits;
    private final ProbeFindings found;
    private final ProbeLinks links;
    private Consumer<String> progress = step -> {};
    private ProbeSession session;

    PathProbe(ClientContext context, Limits limits) {
        this.context = context;
        this.loop = context.surroundings().loops().group().next();
        this.url = context.urls().inOrder().get(0).url();
        this.limits = limits;
        this.found = new ProbeFindings(context.settings(), url);
        this.links = new ProbeLinks(loop, context.dialer().ofProbe(), url);
    }

    /** @param secret whether the channel's secret is known; otherwise only the findings of a stranger are possible */
    PathReport run(boolean idle, boolean secret, Consumer<String> told) throws InterruptedException {
        progress = told;
        return run(secret, measurement -> {
            measurement.measure();
            if (idle && found.problem.isEmpty()) {
                measurement.measureIdle();
            }
        });
    }

    /** Finds out only what limits requests, beside the traffic of the client. */
    PathReport limits() throws InterruptedException {
        return run(true, PathMeasurement::measureLimits);
    }

    private interface Extent {
        void measure(PathMeasurement measurement) throws InterruptedException;
    }

    private PathReport run(boolean secret, Extent extent) throws InterruptedException {
        try {
            lookUp();
            if (connect() && begin(secret) && session != null) {
                extent.measure(new PathMeasurement(url, limits, found, links, session, progress));
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
        found.addresses = PathMeasurement.await(names, limits.request()).orElse(List.of()).stream()
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
}
