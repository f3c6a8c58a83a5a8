// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.status.PipeStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.stream.PipeSource;
import io.httun.api.stream.StreamConnector;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.stream.StreamOrigin;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Both halves of the multiplexer. When it stops, its streams are reset, and the pipes are free for the next one. */
@Component(immediate = true)
public final class Http2Multiplexer implements StreamMultiplexer, StatusSource {
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A client that comes back finds its ports; one that does not frees them. */
    private static final long PORT_KEPT_SECONDS = 60;

    private final Set<PipeConnector> connectors = ConcurrentHashMap.newKeySet();
    private final ChannelGroup served = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    private final AcceptPorts ports;

    @Activate
    public Http2Multiplexer(@Reference EventLoops loops) {
        this(loops, PORT_KEPT_SECONDS);
    }

    Http2Multiplexer(EventLoops loops, long portKeptSeconds) {
        ports = new AcceptPorts(loops, portKeptSeconds);
    }

    @Override
    public StreamConnector connector(String name, PipeSource pipes) {
        PipeConnector connector = new PipeConnector(name, pipes, connectors::remove);
        connectors.add(connector);
        return connector;
    }

    @Override
    public void serve(Channel pipe, StreamOrigin origin) {
        served.add(pipe);
        ServerPipe.install(pipe, origin, ports);
    }

    @Override
    public void drain(Channel pipe) {
        ServerPipe.drain(pipe, ports);
    }

    @Override
    public List<PipeStatus> pipes() {
        return Stream.concat(
                        connectors.stream().flatMap(PipeConnector::pipes),
                        served.stream().map(pipe -> PipeStreams.pipe("", "server", pipe)))
                .toList();
    }

    @Override
    public List<StreamStatus> streams() {
        return Stream.concat(
                        connectors.stream().flatMap(PipeConnector::streamStatus),
                        served.stream().flatMap(pipe -> PipeStreams.streams("server", pipe)))
                .toList();
    }

    /** The ports that clients listen on. */
    @Override
    public List<ReverseStatus> reverses() {
        return ports.all().stream()
                .map(port -> new ReverseStatus(
                        "",
                        "server",
                        port.address(),
                        "",
                        "listening",
                        port.waiting(),
                        port.streams() - port.waiting(),
                        port.accepted()))
                .toList();
    }

    @Deactivate
    public void stop() {
        ports.close();
        List<ChannelGroupFuture> closing = Stream.concat(
                        connectors.stream().map(PipeConnector::stop), Stream.of(served.close()))
                .toList();
        long deadline = System.nanoTime() + STOP_NANOS;
        closing.forEach(all -> all.awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
    }
}
