// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.api.listen.OwnListeners;
import io.httun.api.proxy.ForwardingConnector;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.target.ConnectorCycle;
import io.httun.toolkit.tunnel.ChannelDrain;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/** Connects through upstream proxies, which are chosen by target. */
@Component(
        configurationPid = "io.httun.connector.upstream",
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        service = {TargetConnector.class, StatusSource.class})
@Designate(ocd = UpstreamConfig.class, factory = true)
public final class UpstreamConnector implements ForwardingConnector, StatusSource {
    /** May be replaced at any time; open connections keep the connector that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final EventLoops loops;
    private final NameResolver resolver;
    private final OwnListeners listeners;
    private final Supplier<TargetConnector> below;
    private final LiveSettings<UpstreamSettings> settings;
    private final ChannelDrain open = new ChannelDrain();
    private volatile UpstreamState running;
    private volatile boolean gone;

    /** @throws ConfigException if the configuration is invalid */
    @Activate
    public UpstreamConnector(
            @Reference EventLoops loops,
            @Reference NameResolver resolver,
            @Reference OwnListeners listeners,
            Map<String, Object> properties) {
        this.loops = loops;
        this.resolver = resolver;
        this.listeners = listeners;
        this.below = () -> connector;
        this.settings = new LiveSettings<>(now -> "connector " + now.name(), UpstreamSettings::read, properties);
        this.running = new UpstreamState(settings.get(), System::nanoTime);
        settings.start(changed -> running = new UpstreamState(changed, System::nanoTime));
    }

    UpstreamConnector(
            EventLoops loops,
            NameResolver resolver,
            OwnListeners listeners,
            Supplier<TargetConnector> below,
            Map<String, Object> properties) {
        this(
                loops,
                resolver,
                listeners,
                below,
                new LiveSettings<>(now -> "connector " + now.name(), UpstreamSettings::read, properties));
    }

    UpstreamConnector(
            EventLoops loops,
            NameResolver resolver,
            OwnListeners listeners,
            Supplier<TargetConnector> below,
            LiveSettings<UpstreamSettings> settings) {
        this.loops = loops;
        this.resolver = resolver;
        this.listeners = listeners;
        this.below = below;
        this.settings = settings;
        this.running = new UpstreamState(settings.get(), System::nanoTime);
        settings.start(changed -> running = new UpstreamState(changed, System::nanoTime));
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop() {
        gone = true;
        settings.close();
        UpstreamSettings last = running.settings();
        open.begin("Connector " + last.name(), loops.group(), last.drainSeconds());
    }

    @Override
    public String connectorName() {
        return running.settings().name();
    }

    @Override
    public Optional<TargetConnector> through() {
        return Optional.ofNullable(below.get());
    }

    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Set<Target> firstHops(Target target) {
        if (ConnectorCycle.find(this).isPresent()) {
            return Set.of();
        }
        TargetConnector reach = below.get();
        return running.chains(target).orElse(List.of()).stream()
                .map(chain -> chain.isEmpty() ? target : chain.get(0).address())
                .flatMap(hop -> reach == null ? Stream.of(hop) : reach.firstHops(hop).stream())
                .collect(Collectors.toSet());
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return connect(target, RequestContext.NOBODY, loop);
    }

    @Override
    public Future<Channel> connect(Target target, RequestContext context, EventLoop loop) {
        Promise<Channel> connected = loop.newPromise();
        Future<Forwarding> passage = pass(new ChainAttempt.Wish(target, false, context.via()), loop);
        connected.addListener(end -> {
            if (connected.isCancelled()) {
                passage.cancel(false);
            }
        });
        passage.addListener((FutureListener<Forwarding>) end -> {
            if (!end.isSuccess()) {
                connected.tryFailure(end.cause());
            } else if (!connected.trySuccess(end.getNow().channel())) {
                end.getNow().channel().close();
            }
        });
        return connected;
    }

    @Override
    public Future<Forwarding> forward(Target target, EventLoop loop) {
        return pass(new ChainAttempt.Wish(target, true, ""), loop);
    }

    private Future<Forwarding> pass(ChainAttempt.Wish wish, EventLoop loop) {
        UpstreamState now = running;
        TargetConnector reach = below.get();
        String name = now.settings().name();
        if (gone || reach == null) {
            return refuse(
                    loop,
                    Cause.UNAVAILABLE,
                    "connector " + name
                            + (gone ? " has gone" : ": the connector of connector.target is not available"));
        }
        Optional<String> cycle = ConnectorCycle.find(this);
        if (cycle.isPresent()) {
            return loop.newFailedFuture(ConnectorCycle.refusal(cycle.get()));
        }
        Optional<List<List<UpstreamProxy>>> chains = now.chains(wish.target());
        if (chains.isEmpty()) {
            return refuse(loop, Cause.DENIED, "connector " + name + ": ways has no way to " + wish.target());
        }
        Future<Forwarding> passage = UpstreamAttempt.begin(
                new ChainAttempt.Ground(now, reach, resolver, listeners, loop), wish, chains.get());
        passage.addListener((FutureListener<Forwarding>) end -> {
            if (end.isSuccess()) {
                open.add(end.getNow().channel());
            }
        });
        return passage;
    }

    private static Future<Forwarding> refuse(EventLoop loop, Cause cause, String message) {
        return loop.newFailedFuture(new RefusedException(cause, message));
    }

    @Override
    public List<ProxyStatus> proxies() {
        UpstreamState now = running;
        return now.settings().proxies().stream()
                .map(proxy -> now.state(proxy).status(now.settings().name()))
                .toList();
    }
}
