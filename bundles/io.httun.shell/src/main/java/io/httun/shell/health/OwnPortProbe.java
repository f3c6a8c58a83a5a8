// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asks the endpoints that have ports of their own: the standalone HTTP server for a path that nobody has, FastCGI for its limits. Of a port with
 * TLS it only sees whether it accepts connections.
 */
public final class OwnPortProbe implements HealthSource {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String UNIX = "unix:";
    private static final String TLS = "tls:";
    private static final int MOST_BYTES = 8 << 10;
    private static final String REQUEST = "GET /httun-health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    /** PROXY protocol, version 1: of nobody. */
    private static final String FROM_NOBODY = "PROXY UNKNOWN\r\n";

    /** FCGI_GET_VALUES with the empty value of FCGI_MAX_REQS (FastCGI section 4.1), and what the answer begins with. */
    private static final byte[] GET_VALUES =
            HexFormat.of().parseHex("01090000000f0000" + "0d00" + hex("FCGI_MAX_REQS"));

    private static final byte[] VALUES = HexFormat.of().parseHex("010a0000");

    private final Services services;
    private final Duration patience;

    public OwnPortProbe(Services services) {
        this(services, PATIENCE);
    }

    OwnPortProbe(Services services, Duration patience) {
        this.services = services;
        this.patience = patience;
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public List<Problem> problems() {
        return services.status(StatusSource::endpoints).stream()
                .filter(endpoint ->
                        endpoint.kind().equals("netty") || endpoint.kind().equals("fcgi"))
                // What does not listen says so itself.
                .filter(endpoint -> endpoint.state().startsWith("open"))
                .flatMap(this::problems)
                .toList();
    }

    private Stream<Problem> problems(EndpointStatus endpoint) {
        boolean http = endpoint.kind().equals("netty");
        return Arrays.stream(endpoint.address().split(", "))
                .flatMap(address ->
                        (http ? askHttp(address) : askFastCgi(address)).map(wrong -> address + " " + wrong).stream())
                .map(wrong -> new Problem(
                        "endpoint " + endpoint.name(), wrong, "bundle:restart io.httun.endpoint." + endpoint.kind()));
    }

    private Optional<String> askHttp(String address) {
        if (address.startsWith(TLS)) {
            return ask(address.substring(TLS.length()), new byte[0]).wrong();
        }
        Answer answer = ask(address, ascii(REQUEST));
        if (answer.wrong().isEmpty() && answer.bytes().length == 0) {
            // We count as a proxy there, and proxies have to name their client first.
            answer = ask(address, ascii(FROM_NOBODY + REQUEST));
        }
        String head = new String(answer.bytes(), StandardCharsets.ISO_8859_1);
        return answer.wrong().isPresent() || head.startsWith("HTTP/1.1 404 ")
                ? answer.wrong()
                : Optional.of("answers " + head.lines().findFirst().orElse("nothing")
                        + " instead of the server's answer to a stranger, which is 404");
    }

    private Optional<String> askFastCgi(String address) {
        Answer answer = ask(address, GET_VALUES);
        byte[] bytes = answer.bytes();
        // Closed without a word: peers may not have this host.
        return answer.wrong().isPresent()
                        || bytes.length == 0
                        || Arrays.equals(VALUES, Arrays.copyOf(bytes, VALUES.length))
                ? answer.wrong()
                : Optional.of("answers something that is not FastCGI");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @param wrong why there is no answer; empty if the other end has answered or closed */
    private record Answer(byte[] bytes, Optional<String> wrong) {}

    /** Connects, sends, and reads the first bytes of the answer; nothing is read where nothing is sent. */
    private Answer ask(String address, byte[] question) {
        try (SocketChannel channel =
                address.startsWith(UNIX) ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> close(channel));
            channel.connect(where(address));
            return new Answer(question.length == 0 ? question : exchange(channel, question), Optional.empty());
        } catch (AsynchronousCloseException e) {
            return new Answer(new byte[0], Optional.of("does not answer within " + patience.toSeconds() + " s"));
        } catch (IOException | IllegalArgumentException e) {
            return new Answer(new byte[0], Optional.of("does not answer: " + e.getMessage()));
        }
    }

    private static byte[] exchange(SocketChannel channel, byte[] question) throws IOException {
        channel.write(ByteBuffer.wrap(question));
        // The first packet has the status line, or the record's head.
        ByteBuffer answer = ByteBuffer.allocate(MOST_BYTES);
        channel.read(answer);
        return Arrays.copyOf(answer.array(), answer.position());
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }

    private static SocketAddress where(String address) {
        if (address.startsWith(UNIX)) {
            return UnixDomainSocketAddress.of(address.substring(UNIX.length()));
        }
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(address.substring(colon + 1));
        InetSocketAddress socket = new InetSocketAddress(host, port);
        return socket.getAddress().isAnyLocalAddress() ? new InetSocketAddress("127.0.0.1", port) : socket;
    }
}
