// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A client with the quirks of the stock one (wire protocol, sections 1, 3, 4 and 8), written from that text on raw
 * sockets and blocking threads. One client is one channel of one server; the modes and sessions it makes are closed by
 * whoever asked for them.
 */
public final class StockClient {

    private static final int INIT_TRIES = 5;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final InetSocketAddress server;
    private final RequestWriter requests;
    private final byte[] sharedSecret;
    private final byte[] initKey;
    private final UUID uuid;
    private final int window;
    private final ClientTiming timing;

    private StockClient(Builder builder, InetAddress address) {
        int port = builder.url.getPort() < 0 ? 80 : builder.url.getPort();
        String ip = address.getHostAddress();
        String literal = address instanceof Inet6Address ? "[" + ip + "]" : ip;
        this.server = new InetSocketAddress(address, port);
        this.requests = new RequestWriter(
                builder.url, literal, builder.channel, builder.authorization, builder.userAgent, builder.extraHeaders);
        this.sharedSecret = builder.sharedSecret;
        this.initKey = StockKeys.initKey(sharedSecret);
        this.uuid = builder.uuid;
        this.window = builder.window;
        this.timing = builder.timing;
    }

    /** For a server's base URL ({@code http} only), with a shared secret of 32 bytes. */
    public static Builder builder(URI url, int channel, byte[] sharedSecret) {
        return new Builder(url, channel, sharedSecret);
    }

    public UUID uuid() {
        return uuid;
    }

    /** Opens a session with the stock retries: five tries, 100 ms apart, after any status but 200. */
    public StockSession init() throws IOException, InterruptedException {
        int status = 0;
        for (int i = 0; i < INIT_TRIES; i++) {
            StockKeys.Ephemeral own = StockKeys.Ephemeral.generate();
            StockReply reply = sendInit(sealInit(own));
            status = reply.status();
            if (status == 200) {
                return session(own, reply.body());
            }
            Thread.sleep(timing.retry().toMillis());
        }
        throw new StockException("init: status " + status + " after " + INIT_TRIES + " tries"
                + (status == 401 ? "; basic auth is needed" : ""));
    }

    /** One try of an Init with any frame, such as a recorded one, on a connection of its own. */
    public StockReply sendInit(byte[] frame) throws IOException {
        try (KeptConnection connection = new KeptConnection(server)) {
            return connection.exchange(requestR(frame), timing.init(), true);
        }
    }

    /** A fresh Init frame whose answer nobody will be able to use. */
    public byte[] sealInit() throws StockException {
        return sealInit(StockKeys.Ephemeral.generate());
    }

    /** A connection for the test's own requests. */
    public StockHttpConnection connect() throws IOException {
        return StockHttpConnection.open(server, Duration.ofSeconds(5));
    }

    /** The bytes of an {@code r} request with any frame and any serial. */
    public byte[] requestR(byte[] frame) {
        return requests.get(RANDOM.nextLong(), frame);
    }

    /** The bytes of a {@code w} request with any frame and any serial. */
    public byte[] requestW(byte[] frame) {
        return requests.post(RANDOM.nextLong(), frame);
    }

    /** Starts the {@code test} mode: pings, each after the pong of the last. */
    public StockTestMode test(Duration period) {
        return new StockTestMode(new StockTunnel(this, StockTunnel.Mode.TEST, timing), period, timing);
    }

    /** Starts the {@code socket} mode: a port on 127.0.0.1 that leads to the target. */
    public StockSocketMode socket(InetSocketAddress target) throws IOException {
        return new StockSocketMode(new StockTunnel(this, StockTunnel.Mode.L7, timing), target);
    }

    /** Starts the {@code tun} mode. */
    public StockTunMode tun(StockDevice device) {
        return new StockTunMode(new StockTunnel(this, StockTunnel.Mode.L3, timing), device);
    }

    private byte[] sealInit(StockKeys.Ephemeral own) throws StockException {
        return new StockInit(uuid, own.publicKey()).seal(initKey);
    }

    private StockSession session(StockKeys.Ephemeral own, byte[] answer) throws StockException {
        StockInit init = StockInit.open(answer, initKey);
        byte[] key = StockKeys.sessionKey(sharedSecret, StockKeys.agree(own.privateKey(), init.publicKey()));
        return new StockSession(key, init.uuid(), requests, server, window, timing);
    }

    /** Everything has the stock default. */
    public static final class Builder {

        private final URI url;
        private final int channel;
        private final byte[] sharedSecret;
        private final Map<String, String> extraHeaders = new LinkedHashMap<>();
        private UUID uuid = UUID.randomUUID();
        private Optional<String> authorization = Optional.empty();
        private Optional<String> userAgent = Optional.empty();
        private int window = 1024;
        private ClientTiming timing = ClientTiming.stock();

        private Builder(URI url, int channel, byte[] sharedSecret) {
            this.url = url;
            this.channel = channel;
            this.sharedSecret = sharedSecret.clone();
        }

        public Builder uuid(UUID own) {
            uuid = own;
            return this;
        }

        public Builder basicAuth(String user, String password) {
            authorization = Optional.of(BasicAuth.header(user, password));
            return this;
        }

        public Builder userAgent(String agent) {
            userAgent = Optional.of(agent);
            return this;
        }

        /** A header of every request; an empty value takes a header away. */
        public Builder extraHeader(String name, String value) {
            extraHeaders.put(name, value);
            return this;
        }

        public Builder window(int length) {
            window = length;
            return this;
        }

        public Builder timing(ClientTiming times) {
            timing = times;
            return this;
        }

        public StockClient build() throws UnknownHostException {
            return new StockClient(this, InetAddress.getByName(url.getHost()));
        }
    }
}
