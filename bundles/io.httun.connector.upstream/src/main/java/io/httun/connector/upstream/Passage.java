// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.proxy.ForwardingConnector.Forwarding;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One connection on its way through proxies: one alternative after the other until one leads there. Confined to its event loop. */
final class Passage {
    private static final int MAX_REDIALS = 3;
    private static final int MAX_ADDRESSES = 3;

    /**
     * What somebody wants of the proxies.
     *
     * @param forward whether to stop at a last proxy that forwards HTTP
     * @param via as in {@link io.httun.api.target.RequestContext}
     */
    record Wish(Target target, boolean forward, String via) {}

    private final Running running;
    private final TargetConnector below;
    private final NameResolver resolver;
    private final EventLoop loop;
    private final Wish wish;
    private final Target wanted;
    private final Promise<Forwarding> result;
    private final Iterator<List<Proxy>> chains;
    private List<Proxy> chain;
    private Future<?> deadline;
    private Future<?> pending;
    private Channel channel;
    private int hop;
    private int redials;
    private int address;
    /** Counts attempts, so that what comes late is known to be of an earlier one. */
    private int attempt;

    private Passage(
            Running running,
            TargetConnector below,
            NameResolver resolver,
            EventLoop loop,
            Wish wish,
            List<List<Proxy>> chains) {
        this.running = running;
        this.below = below;
        this.resolver = resolver;
        this.loop = loop;
        this.wish = wish;
        this.wanted = wish.target();
        this.chains = chains.iterator();
        this.result = loop.newPromise();
    }

    static Future<Forwarding> begin(
            Running running,
            TargetConnector below,
            NameResolver resolver,
            EventLoop loop,
            Wish wish,
            List<List<Proxy>> chains) {
        Passage passage = new Passage(running, below, resolver, loop, wish, chains);
        passage.result.addListener(end -> passage.ended(end.isSuccess()));
        loop.execute(passage::nextChain);
        return passage.result;
    }

    private void ended(boolean success) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (!success) {
            abandon();
        }
    }

    private void nextChain() {
        chain = chains.next();
        redials = 0;
        if (deadline != null) {
            deadline.cancel(false);
        }
        int seconds = running.settings().connectSeconds();
        deadline = loop.schedule(() -> tooSlow(seconds), seconds, TimeUnit.SECONDS);
        dial();
    }

    private void tooSlow(int seconds) {
        if (chain.isEmpty()) {
            failed(new ProxyException(Fault.TARGET, Cause.TIMED_OUT, "nothing answered within " + seconds + " s"));
            return;
        }
        Proxy proxy = chain.get(Math.min(hop, chain.size() - 1));
        boolean reached = channel != null;
        if (reached) {
            running.state(proxy).silent();
        }
        failed(new ProxyException(
                reached ? Fault.TARGET : Fault.PROXY,
                Cause.TIMED_OUT,
                proxy + " did not answer within " + seconds + " s (connect.seconds)"));
    }

    private void dial() {
        abandon();
        if (result.isDone()) {
            return;
        }
        hop = 0;
        Target first = chain.isEmpty() ? wanted : chain.get(0).address();
        if (below.takesNames() || !first.addresses().isEmpty()) {
            connect(first);
            return;
        }
        int mine = attempt;
        Future<List<InetAddress>> resolving = resolver.resolve(first.host(), loop);
        pending = resolving;
        resolving.addListener((FutureListener<List<InetAddress>>) resolved -> {
            if (mine != attempt) {
                return;
            }
            if (resolved.isSuccess()) {
                connect(first.withAddresses(resolved.getNow()));
            } else {
                unreachable(resolved.cause());
            }
        });
    }

    private void connect(Target first) {
        int mine = attempt;
        Future<Channel> connecting = below.connect(first, loop);
        pending = connecting;
        connecting.addListener((FutureListener<Channel>) connected -> {
            if (mine != attempt) {
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
            failed(new ProxyException(Fault.PROXY, why, cause.getMessage()));
        } else {
            // What the caller hears of is the target, and that one has refused nothing.
            failed(new ProxyException(
                    Fault.PROXY,
                    why == Cause.TIMED_OUT || why == Cause.OVERLOADED ? why : Cause.UNAVAILABLE,
                    chain.get(0) + " cannot be reached: " + cause.getMessage()));
        }
    }

    private void nextHop() {
        if (hop == chain.size()) {
            deliver(Optional.empty());
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
        int mine = attempt;
        SslHandler handler = running.tls()
                .newHandler(
                        channel.alloc(), proxy.address().host(), proxy.address().port());
        handler.setHandshakeTimeoutMillis(0);
        handler.handshakeFuture().addListener(shaken -> {
            if (mine != attempt) {
                return;
            }
            if (shaken.isSuccess()) {
                talk(proxy);
            } else {
                failed(new ProxyException(
                        Fault.PROXY,
                        Cause.UNAVAILABLE,
                        proxy + ": TLS: " + shaken.cause().getMessage() + " (see tls.trust)"));
            }
        });
        channel.pipeline().addLast(handler);
    }

    private void talk(Proxy proxy) {
        boolean last = hop == chain.size() - 1;
        if (last && wish.forward() && proxy.kind() == Proxy.Kind.HTTP) {
            running.state(proxy).worked();
            deliver(Optional.of(proxy));
            return;
        }
        int mine = attempt;
        Promise<Void> done = loop.newPromise();
        done.addListener(end -> {
            if (mine != attempt) {
                return;
            }
            if (end.isSuccess()) {
                passed(proxy, last);
            } else {
                failed((ProxyException) end.cause());
            }
        });
        Target next = last ? target() : chain.get(hop + 1).address();
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
        running.state(proxy).worked();
        hop++;
        if (last) {
            channel.config().setAutoRead(false);
            channel.pipeline().addLast(new Held());
        }
        int mine = attempt;
        loop.execute(() -> {
            if (mine == attempt) {
                nextHop();
            }
        });
    }

    private void deliver(Optional<Proxy> forwarder) {
        channel.config().setAutoRead(false);
        Held held = channel.pipeline().get(Held.class);
        if (held != null && held.isEmpty()) {
            channel.pipeline().remove(held);
        }
        Channel arrived = channel;
        Forwarding forwarding = new Forwarding(
                arrived, forwarder.map(proxy -> running.state(proxy).converse()));
        if (!result.trySuccess(forwarding)) {
            arrived.close();
        }
    }

    private Target target() {
        return wanted.addresses().isEmpty()
                ? wanted
                : wanted.withAddresses(List.of(wanted.addresses().get(address)));
    }

    private void failed(ProxyException failure) {
        switch (failure.fault()) {
            case CONNECTION -> {
                if (++redials < MAX_REDIALS) {
                    dial();
                } else {
                    proxyFailed(failure);
                }
            }
            case PROXY -> proxyFailed(failure);
            case TARGET -> targetFailed(failure);
        }
    }

    private void proxyFailed(ProxyException failure) {
        if (!chain.isEmpty()) {
            running.state(chain.get(Math.min(hop, chain.size() - 1))).failed(failure.getMessage());
        }
        otherwise(failure);
    }

    /** The target of all proxies but the last is the next proxy. */
    private void targetFailed(ProxyException failure) {
        if (hop + 1 < chain.size() && failure.refusal() != Cause.TIMED_OUT) {
            running.state(chain.get(hop + 1)).failed(failure.getMessage());
            otherwise(failure);
        } else if (isAddressAtFault(failure.refusal()) && address + 1 < addresses()) {
            address++;
            dial();
        } else {
            result.tryFailure(failure);
        }
    }

    private static boolean isAddressAtFault(Cause cause) {
        return cause == Cause.CONNECTION_REFUSED || cause == Cause.UNREACHABLE || cause == Cause.FAILED;
    }

    private int addresses() {
        return Math.min(MAX_ADDRESSES, wanted.addresses().size());
    }

    private void otherwise(ProxyException failure) {
        if (chains.hasNext() && !result.isDone()) {
            nextChain();
        } else {
            result.tryFailure(failure);
        }
    }

    /** Ends what was under way; the next attempt begins. */
    private void abandon() {
        attempt++;
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
