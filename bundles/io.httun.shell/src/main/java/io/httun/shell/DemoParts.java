// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StatusSource.ChannelStatus;
import io.httun.api.status.StatusSource.ListenerStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The parts that {@code config/demo} configures, as far as they are up. */
record DemoParts(
        Optional<ChannelStatus> server,
        Optional<ChannelStatus> client,
        Optional<HostAndPort> socks,
        Optional<HostAndPort> connect) {
    static final int SOCKS_PORT = 1080;
    static final int CONNECT_PORT = 8118;

    private static final String CHANNEL = "demo";
    private static final String SOCKS = "socks-demo";
    private static final String CONNECT = "connect-demo";

    /** Where a listener listens. */
    record HostAndPort(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    static DemoParts find(Services services) {
        List<ListenerStatus> listeners = services.status(StatusSource::listeners);
        List<ChannelStatus> channels = services.status(StatusSource::channels);
        return new DemoParts(
                channel(channels, Side.SERVER),
                channel(channels, Side.CLIENT),
                address(listeners, SOCKS),
                address(listeners, CONNECT));
    }

    /** What is not up, in words. */
    List<String> missing() {
        return Stream.of(
                        missing(server, "server channel " + CHANNEL),
                        missing(client, "client channel " + CHANNEL),
                        missing(socks, "listener " + SOCKS),
                        missing(connect, "listener " + CONNECT))
                .flatMap(Optional::stream)
                .toList();
    }

    ChannelStatus theClient() {
        return client.orElseThrow();
    }

    HostAndPort theSocks() {
        return socks.orElseThrow();
    }

    HostAndPort theConnect() {
        return connect.orElseThrow();
    }

    private static Optional<String> missing(Optional<?> part, String words) {
        return part.isPresent() ? Optional.empty() : Optional.of(words);
    }

    private static Optional<ChannelStatus> channel(List<ChannelStatus> channels, String side) {
        return channels.stream()
                .filter(channel -> channel.side().equals(side) && channel.name().equals(CHANNEL))
                .findFirst();
    }

    private static Optional<HostAndPort> address(List<ListenerStatus> listeners, String name) {
        return listeners.stream()
                .filter(listener -> listener.name().equals(name))
                .flatMap(listener -> parse(listener.address()).stream())
                .findFirst();
    }

    /** Empty while the listener is not bound to a port. */
    private static Optional<HostAndPort> parse(String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 0 || !port.matches("[1-9][0-9]{0,4}")) {
            return Optional.empty();
        }
        String host =
                address.substring(address.lastIndexOf('/', colon) + 1, colon).replaceAll("[\\[\\]]", "");
        return Optional.of(new HostAndPort(host, Integer.parseInt(port)));
    }
}
