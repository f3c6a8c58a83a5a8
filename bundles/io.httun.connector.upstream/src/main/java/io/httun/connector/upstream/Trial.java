// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.Admitted;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Resolution;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/** One connection through one chain of proxies, hop by hop: it arrives or it fails. Confined to its event loop. */
final class Trial {
    /** What it stands on. */
    record Ground(Running running, TargetConnector below, NameResolver resolver, EventLoop loop) {}

    /**
     * What somebody wants of the proxies.
     *
     * @param forward whether to stop at a last proxy that forwards HTTP
     * @param via as in {@link io.httun.api.target.RequestContext}
     */
    record Wish(Target target, boolean forward, String via) {
        Wish to(Target other) {
            return new Wish(other, forward, via);
        }
    }

    /** Told once, unless the trial is given up; it may be then and there. */
    interface Outcome {
        /** @param forwarder the last proxy, where it has not been asked to connect but forwards HTTP */
        void arrived(Channel channel, Optional<Proxy> forwarder);

        void failed(ProxyException failure);
    }

    private final Ground ground;
    private final List<Proxy> chain;
    private final Target target;
    private final Wish wish;
    private final Outcome outcome;
    private Future<?> pending;
    private Channel channel;
    private int hop;
    private boolean over;

    /** @param chain empty for the straight way */
    Trial(Ground ground, List<Proxy> chain, Wish wish, Outcome outcome) {
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

    /** Ends what is under way. */
    void giveUp() {
        over = true;
        if (pending != null) {
            pending.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
    }

    /** Whether the first proxy or the target has taken the connection. */
    boolean hasBegun() {
        return channel != null;
    }

    /** How many proxies have done their part. */
    int hop() {
        return hop;
    }

    private void connect(Admitted first) {
        Future<Channel> connecting = ground.below().connect(first, RequestContext.NOBODY, ground.loop());
        pending = connecting;
        connecting.addListener((FutureListener<Channel>) connected -> {
            if (over) {
                if (connected.isSuccess()) {
                    connected.getNow().close();
                }
            } else if (connected.isSuccess()) {
                channel = connected.getNow();
                nextHop();
            } else {
                unreachable(connected.cause());
            }
        });
    }

    private void unreachable(Throwable cause) {
        Cause why = cause instanceof RefusedException refused ? refused.refusal() : Cause.FAILED;
        if (chain.isEmpty()) {
            outcome.failed(new ProxyException(Fault.PROXY, why, cause.getMessage()));
        } else {
            // What the caller hears of is the target, and that one has refused nothing.
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

    private void secure(Proxy proxy) {
        ProxyTls.begin(ground.running().tls(), channel, proxy).addListener(shaken -> {
            if (over) {
                return;
            }
            if (shaken.isSuccess()) {
                talk(proxy);
            } else {
                outcome.failed(new ProxyException(
                        Fault.PROXY,
                        Cause.UNAVAILABLE,
                        proxy + ": TLS: " + shaken.cause().getMessage() + " (see tls.trust)"));
            }
        });
    }

    private void talk(Proxy proxy) {
        Running running = ground.running();
        boolean last = hop == chain.size() - 1;
        if (last && wish.forward() && proxy.kind() == Proxy.Kind.HTTP) {
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

    /** Called while the handshake is still in the pipeline and maybe in the middle of what it reads. */
    private void passed(Proxy proxy, boolean last) {
        ground.running().state(proxy).worked();
        hop++;
        if (last) {
            channel.config().setAutoRead(false);
            channel.pipeline().addLast(new Held());
        }
        ground.loop().execute(() -> {
            if (!over) {
                nextHop();
            }
        });
    }

    private void arrived(Optional<Proxy> forwarder) {
        channel.config().setAutoRead(false);
        Held held = channel.pipeline().get(Held.class);
        if (held != null && held.isEmpty()) {
            channel.pipeline().remove(held);
        }
        outcome.arrived(channel, forwarder);
    }
}
