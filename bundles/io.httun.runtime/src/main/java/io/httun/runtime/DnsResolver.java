// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.config.ConfigException;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Resolution;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves names by {@code /etc/hosts} and then DNS, without a thread of its own. Shares the configuration of {@link
 * NettyEventLoops}.
 */
@Component(immediate = true, configurationPid = "io.httun.runtime", configurationPolicy = ConfigurationPolicy.OPTIONAL)
public final class DnsResolver implements NameResolver {
    private static final Logger LOG = LoggerFactory.getLogger(DnsResolver.class);
    private static final int RETIRE_SECONDS = 30;
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Settings and the objects built from them; replaced as a whole. */
    private record Running(RuntimeSettings.Resolver settings, ResolvConf system, NameResolution names) {}

    private final NettyEventLoops loops;
    private final Path resolvConf;
    private final Path hostsFile;
    private final long lookNanos;
    private final AtomicLong lastLook = new AtomicLong(System.nanoTime());
    private volatile Running running;
    private volatile HostsFile hosts;

    @Activate
    public DnsResolver(@Reference NettyEventLoops loops, Map<String, Object> properties) {
        this(loops, properties, RESOLV_CONF, HostsFile.ofSystem(), LOOK_NANOS);
    }

    DnsResolver(
            NettyEventLoops loops, Map<String, Object> properties, Path resolvConf, Path hostsFile, long lookNanos) {
        this.loops = loops;
        this.resolvConf = resolvConf;
        this.hostsFile = hostsFile;
        this.lookNanos = lookNanos;
        this.running = build(RuntimeSettings.read(properties).resolver());
        this.hosts = HostsFile.read(hostsFile);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        RuntimeSettings.Resolver wanted;
        try {
            wanted = RuntimeSettings.read(properties).resolver();
        } catch (ConfigException e) {
            LOG.debug("{} has already reported it: {}", NettyEventLoops.class.getSimpleName(), e.getMessage());
            return;
        }
        if (!wanted.equals(running.settings())) {
            replace(wanted);
        }
    }

    private synchronized void replace(RuntimeSettings.Resolver settings) {
        Running old = running;
        running = build(settings);
        // Queries in progress still get their answers.
        loops.group().next().schedule(old.names()::close, RETIRE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * The system's files may change with the network of a laptop: they are checked at a look-up, at most once in some
     * seconds.
     */
    private void look() {
        long last = lastLook.get();
        long now = System.nanoTime();
        if (now - last < lookNanos || !lastLook.compareAndSet(last, now)) {
            return;
        }
        Running old = running;
        if (old.settings().servers().isEmpty()
                && !ResolvConf.stamp(resolvConf).equals(old.system().stamp())) {
            LOG.info("{} has changed; reading it again", resolvConf);
            replace(old.settings());
        }
        if (!ResolvConf.stamp(hostsFile).equals(hosts.stamp())) {
            LOG.info("{} has changed; reading it again", hostsFile);
            hosts = HostsFile.read(hostsFile);
        }
    }

    @Deactivate
    void stop() {
        running.names().close();
    }

    private Running build(RuntimeSettings.Resolver settings) {
        ResolvConf system = ResolvConf.read(resolvConf);
        return new Running(settings, system, new NameResolution(loops, settings, system));
    }

    @Override
    public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
        ResolvedAddressTypes order = running.settings().addresses();
        Promise<List<InetAddress>> result = executor.newPromise();
        resolveEarly(host, executor).addListener((FutureListener<Resolution>) early -> {
            if (!early.isSuccess()) {
                result.tryFailure(early.cause());
                return;
            }
            Resolution answer = early.getNow();
            answer.rest().addListener((FutureListener<List<InetAddress>>)
                    late -> result.trySuccess(inOrder(answer.first(), late.getNow(), order)));
        });
        return result;
    }

    private static List<InetAddress> inOrder(
            List<InetAddress> first, List<InetAddress> late, ResolvedAddressTypes order) {
        if (late.isEmpty()) {
            return first;
        }
        boolean sixFirst = order == ResolvedAddressTypes.IPV6_PREFERRED;
        return Stream.concat(first.stream(), late.stream())
                .sorted(Comparator.comparing(address -> address instanceof Inet6Address != sixFirst))
                .toList();
    }

    @Override
    public Future<Resolution> resolveEarly(String host, EventExecutor executor) {
        look();
        Running now = running;
        Optional<List<InetAddress>> known = isLocalhost(host)
                ? Optional.of(loopback(now.settings().addresses()))
                : hosts.find(host, now.settings().addresses());
        if (known.isPresent()) {
            return executor.newSucceededFuture(new Resolution(known.get(), executor.newSucceededFuture(List.of())));
        }
        Promise<Resolution> result = executor.newPromise();
        now.names().resolve(host, executor).addListener((FutureListener<Resolution>) answer -> {
            if (answer.isSuccess()) {
                result.trySuccess(answer.getNow());
            } else {
                LOG.debug("Look-up failed", answer.cause());
                result.tryFailure(new RefusedException(Cause.UNRESOLVED, "'" + host + "' has no address"));
            }
        });
        return result;
    }

    /** RFC 6761 section 6.3: localhost never goes to a DNS server, and resolves without one. */
    private static boolean isLocalhost(String host) {
        return host.equals("localhost") || host.endsWith(".localhost");
    }

    private static List<InetAddress> loopback(ResolvedAddressTypes types) {
        return switch (types) {
            case IPV4_ONLY -> List.of(NetUtil.LOCALHOST4);
            case IPV6_ONLY -> List.of(NetUtil.LOCALHOST6);
            case IPV4_PREFERRED -> List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6);
            case IPV6_PREFERRED -> List.of(NetUtil.LOCALHOST6, NetUtil.LOCALHOST4);
        };
    }
}
