// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.listen.OwnListeners;
import io.httun.api.target.Admitted;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Resolution;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.connector.upstream.ProxyException.Fault;
import io.httun.toolkit.carried.HeldReads;
import io.httun.toolkit.target.ConnectorCall;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/** One attempt through one chain of proxies, hop by hop. On one event loop. */
final class ChainAttempt {
    /** The services that an attempt uses. */
    record Ground(
            UpstreamState running,
            TargetConnector below,
            NameResolver resolver,
            OwnListeners listeners,
            EventLoop loop) {}

    /**
     * The wanted connection.
     *
     * @param forward whether to stop at a last proxy that forwards plain HTTP
     * @param via as in {@link io.httun.api.target.RequestContext}
     */
    record Wish(Target target, boolean forward, String via) {
        Wish to(Target other) {
            return new Wish(other, forward, via);
        }
    }

    /** Called once, possibly within the call that starts the attempt, unless the attempt is cancelled. */
    interface Outcome {
        /** @param forwarder the last proxy, if it forwards plain HTTP and so was not asked to connect */
        void arrived(Channel channel, Optional<UpstreamProxy> forwarder);

        void failed(ProxyException failure);
    }

    private final Ground ground;
    private final List<UpstreamProxy> chain;
    private final Target target;
    private final Wish wish;
    private final Outcome outcome;
    private Future<?> pending;
    private Channel channel;
    private int hop;
    private boolean over;

    /** @param chain empty for a direct connection */
    ChainAttempt(Ground ground, List<UpstreamProxy> chain, Wish wish, Outcome outcome) {
        this.ground = ground;
        this.chain = chain;
        this.wish = wish;
        this.target = wish.target();
        this.outcome = outcome;
    }

    void start() {
        Target first = chain.isEmpty() ? target : chain.get(0).address();
        if (ground.below().takesNames() || !first.addresses().isEmpty()) {
            connect(Admitted.complete(first, ground.loop()));
            return;
        }
        Future<Resolution> resolving = ground.resolver().resolveEarly(first.host(), ground.loop());
        pending = resolving;
        resolving.addListener((FutureListener<Resolution>) resolved -> {
            if (over) {
                return;
            }
            if (resolved.isSuccess()) {
                Resolution answer = resolved.getNow();
                connect(new Admitted(first.withAddresses(answer.first()), answer.rest()));
            } else {
                unreachable(resolved.cause());
            }
        });
    }

    /** Cancels the attempt. */
    void giveUp() {
        over = true;
        if (pending != null) {
            pending.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
    }

    /** Whether the first proxy or the target has accepted the connection. */
    boolean hasBegun() {
        return channel != null;
    }

    /** Number of proxies that have connected to their next hop. */
    int hop() {
        return hop;
    }

    private void connect(Admitted first) {
        Future<Channel> connecting = ConnectorCall.of(
                ground.loop(), () -> ground.below().connect(first, RequestContext.NOBODY, ground.loop()));
        pending = connecting;
        connecting.addListener((FutureListener<Channel>) connected -> {
            if (over) {
                if (connected.isSuccess()) {
                    connected.getNow().close();
                }
            } else if (connected.isSuccess()) {
                channel = connected.getNow();
                begin();
            } else {
                unreachable(connected.cause());
            }
        });
    }

    /** Refuses a proxy that is a listener of this process, which would ask this connector for the same target again. */
    private void begin() {
        if (!chain.isEmpty() && ground.listeners().contain(channel.remoteAddress())) {
            outcome.failed(new ProxyException(
                    Fault.PROXY,
                    Cause.DENIED,
                    chain.get(0) + " is a listener of this process: the connection would loop"));
        } else {
            nextHop();
        }
    }

    private void unreachable(Throwable cause) {
        Cause why = cause instanceof RefusedException refused ? refused.refusal() : Cause.FAILED;
        if (chain.isEmpty()) {
            outcome.failed(new ProxyException(Fault.PROXY, why, cause.getMessage()));
        } else {
            // The caller must not take a refusal by the proxy for one by the target.
            outcome.failed(new ProxyException(
                    Fault.PROXY,
                    why == Cause.TIMED_OUT || why == Cause.OVERLOADED ? why : Cause.UNAVAILABLE,
                    chain.get(0) + " cannot be reached: " + cause.getMessage()));
        }
    }

    private void nextHop() {
        if (hop == chain.size()) {
            arrived(Optional.empty());
            return;
        }
        channel.config().setAutoRead(true);
        if (chain.get(hop).tls()) {
            secure(chain.get(hop));
        } else {
            talk(chain.get(hop));
        }
    }

    private void secure(UpstreamProxy proxy) {
        // The time limit of the whole attempt covers the TLS handshake.
        Future<Channel> securing = ground.running()
                .settings()
                .tls()
                .orElseThrow()
                .start(channel, proxy.address().host(), 0);
        securing.addListener(shaken -> {
            if (over) {
                return;
            }
            if (shaken.isSuccess()) {
                channel.config().setAutoRead(true);
                talk(proxy);
            } else {
                outcome.failed(new ProxyException(
                        Fault.PROXY,
                        Cause.UNAVAILABLE,
                        proxy + ": TLS: " + shaken.cause().getMessage() + " (see tls.trust and tls.pin)"));
            }
        });
    }

    private void talk(UpstreamProxy proxy) {
        UpstreamState running = ground.running();
        boolean last = hop == chain.size() - 1;
        if (last && wish.forward() && proxy.kind() == UpstreamProxy.Kind.HTTP) {
            running.state(proxy).worked();
            arrived(Optional.of(proxy));
            return;
        }
        Promise<Void> done = ground.loop().newPromise();
        done.addListener(end -> {
            if (over) {
                return;
            }
            if (end.isSuccess()) {
                passed(proxy, last);
            } else {
                outcome.failed((ProxyException) end.cause());
            }
        });
        Target next = last ? target : chain.get(hop + 1).address();
        channel.pipeline()
                .addLast(
                        switch (proxy.kind()) {
                            case HTTP ->
                                new HttpConnect(
                                        proxy, next, done, running.state(proxy).converse(), wish.via());
                            case SOCKS4A ->
                                new Socks4Connect(
                                        proxy, next, done, running.settings().credentialsFor(proxy));
                            case SOCKS5 ->
                                new Socks5Connect(
                                        proxy, next, done, running.settings().credentialsFor(proxy));
                        });
    }

    /** Called while the handshake is still in the pipeline, possibly within its read. */
    private void passed(UpstreamProxy proxy, boolean last) {
        ground.running().state(proxy).worked();
        hop++;
        if (last) {
            channel.config().setAutoRead(false);
            channel.pipeline().addLast(new HeldReads());
        }
        ground.loop().execute(() -> {
            if (!over) {
                nextHop();
            }
        });
    }

    private void arrived(Optional<UpstreamProxy> forwarder) {
        channel.config().setAutoRead(false);
        HeldReads held = channel.pipeline().get(HeldReads.class);
        if (held != null && held.isEmpty()) {
            channel.pipeline().remove(held);
        }
        outcome.arrived(channel, forwarder);
    }
}
