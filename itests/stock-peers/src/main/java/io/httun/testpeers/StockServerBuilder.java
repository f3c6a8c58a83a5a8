// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** Everything has the stock default except the channels, of which there must be one. */
public final class StockServerBuilder {

    private final Map<Integer, byte[]> secrets = new LinkedHashMap<>();
    private final List<String> extraHeaders = new ArrayList<>();
    private Optional<String> authorization = Optional.empty();
    private int window = 1024;
    private boolean testEnabled = true;
    private Predicate<InetSocketAddress> denied = address -> false;
    private Optional<StockDevice> device = Optional.empty();
    private boolean emptyLength;
    private int maxConnections = 64;
    private boolean inOrder;
    private UUID uuid = UUID.randomUUID();
    private ServerTiming timing = ServerTiming.stock();
    private int port;

    StockServerBuilder() {}

    public StockServerBuilder channel(int id, byte[] sharedSecret) {
        secrets.put(id, sharedSecret.clone());
        return this;
    }

    public StockServerBuilder basicAuth(String user, String password) {
        authorization = Optional.of(BasicAuth.header(user, password));
        return this;
    }

    public StockServerBuilder window(int length) {
        window = length;
        return this;
    }

    public StockServerBuilder testEnabled(boolean enabled) {
        testEnabled = enabled;
        return this;
    }

    public StockServerBuilder denied(Predicate<InetSocketAddress> addresses) {
        denied = addresses;
        return this;
    }

    /** The TUN device of the channels. */
    public StockServerBuilder device(StockDevice tun) {
        device = Optional.of(tun);
        return this;
    }

    /** A header line of every reply. */
    public StockServerBuilder extraHeader(String name, String value) {
        extraHeaders.add(name + ": " + value);
        return this;
    }

    /** Adds {@code content-length: 0} where there is no body, as a reverse proxy before the stock server does. */
    public StockServerBuilder emptyLength(boolean present) {
        emptyLength = present;
        return this;
    }

    public StockServerBuilder maxConnections(int connections) {
        maxConnections = connections;
        return this;
    }

    /**
     * Has each frame with its target before another one, on whatever connection, or an Init is looked at. The stock program does not wait: it acknowledges a frame
     * before it sends it on, so that a later one on another connection may overtake it, and an Init may come between.
     */
    public StockServerBuilder inOrder(boolean wanted) {
        inOrder = wanted;
        return this;
    }

    public StockServerBuilder uuid(UUID own) {
        uuid = own;
        return this;
    }

    public StockServerBuilder timing(ServerTiming times) {
        timing = times;
        return this;
    }

    /** A port of the caller's choice; by default any free one. */
    public StockServerBuilder port(int number) {
        port = number;
        return this;
    }

    public StockServer build() {
        if (secrets.isEmpty()) {
            throw new IllegalStateException("a stock server needs a channel");
        }
        StockServerOptions options = new StockServerOptions(
                Map.copyOf(secrets),
                authorization,
                window,
                testEnabled,
                denied,
                device,
                List.copyOf(extraHeaders),
                emptyLength,
                maxConnections,
                inOrder,
                uuid,
                timing);
        return new StockServer(options, port);
    }

    public StockServer start() {
        try {
            return build().start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on 127.0.0.1 port " + port, e);
        }
    }
}
