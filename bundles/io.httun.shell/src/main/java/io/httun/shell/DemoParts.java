// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The running parts of {@code config/demo}. */
record DemoParts(
        Optional<ChannelStatus> server,
        Optional<ChannelStatus> client,
        Optional<ListenerStatus> socksListener,
        Optional<ListenerStatus> connectListener) {
    static final int SOCKS_PORT = 1080;
    static final int CONNECT_PORT = 8118;

    private static final Pattern ADDRESS = Pattern.compile("\\[?([^/\\[\\]]+?)]?:([1-9][0-9]{0,4})");
    private static final String LISTENING = "listening";
    private static final String CHANNEL = "demo";
    private static final String SOCKS = "socks-demo";
    private static final String CONNECT = "connect-demo";

    /** The address of a listener. */
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
                listener(listeners, SOCKS),
                listener(listeners, CONNECT));
    }

    /** The missing parts, in words. */
    List<String> missing() {
        return Stream.of(
                        server.isPresent() ? "" : "server channel " + CHANNEL,
                        client.isPresent() ? "" : "client channel " + CHANNEL,
                        missing(SOCKS, socksListener),
                        missing(CONNECT, connectListener))
                .filter(words -> !words.isEmpty())
                .toList();
    }

    /** Only if no part is missing. */
    ChannelStatus theClient() {
        return client.orElseThrow();
    }

    /** The client's own state. */
    String clientState() {
        return client.map(status -> "Client channel " + CHANNEL + " is " + status.state())
                .orElse("Client channel " + CHANNEL + " has gone");
    }

    /** Only if no part is missing. */
    HostAndPort socks() {
        return socksListener.flatMap(DemoParts::address).orElseThrow();
    }

    /** Only if no part is missing. */
    HostAndPort connect() {
        return connectListener.flatMap(DemoParts::address).orElseThrow();
    }

    private static String missing(String name, Optional<ListenerStatus> listener) {
        if (listener.flatMap(DemoParts::address).isPresent()) {
            return "";
        }
        return "listener " + name
                + listener.map(status -> " (it is " + status.state() + ")").orElse("");
    }

    private static Optional<ChannelStatus> channel(List<ChannelStatus> channels, String side) {
        return channels.stream()
                .filter(channel -> channel.side().equals(side) && channel.name().equals(CHANNEL))
                .findFirst();
    }

    private static Optional<ListenerStatus> listener(List<ListenerStatus> listeners, String name) {
        return listeners.stream()
                .filter(listener -> listener.name().equals(name))
                .findFirst();
    }

    /** Empty while it does not listen. */
    private static Optional<HostAndPort> address(ListenerStatus listener) {
        Matcher address = ADDRESS.matcher(listener.address());
        return listener.state().equals(LISTENING) && address.matches()
                ? Optional.of(new HostAndPort(address.group(1), Integer.parseInt(address.group(2))))
                : Optional.empty();
    }
}
