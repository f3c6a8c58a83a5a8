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
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Checks the endpoints that have ports of their own: requests an unused path of the standalone HTTP server, does a TLS handshake with its ports for TLS,
 * and asks FastCGI for its limits.
 */
public final class OwnPortProbe implements HealthSource {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String UNIX = "unix:";
    private static final String TLS = "tls:";
    private static final int MOST_BYTES = 8 << 10;
    private static final String REQUEST = "GET /httun-health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    /** PROXY protocol, version 1: unknown source. */
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
                // Endpoints that do not listen report it themselves.
                .filter(endpoint -> endpoint.state().startsWith("open"))
                .flatMap(this::problems)
                .toList();
    }

    private Stream<Problem> problems(EndpointStatus endpoint) {
        boolean http = endpoint.kind().equals("netty");
        return Arrays.stream(endpoint.address().split(", ")).flatMap(address -> (http
                        ? askHttp(address)
                        : askFastCgi(address))
                        .map(wrong -> new Problem(
                                "endpoint " + endpoint.name(), address + " " + wrong, remedy(endpoint, address)))
                        .stream());
    }

    private static String remedy(EndpointStatus endpoint, String address) {
        String restart = "bundle:restart io.httun.endpoint." + endpoint.kind();
        return address.startsWith(TLS)
                ? "check the certificate and key in tls.certificate.file and tls.key.file, then " + restart
                : restart;
    }

    private Optional<String> askHttp(String address) {
        if (address.startsWith(TLS)) {
            return shakeHands(address.substring(TLS.length()));
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

    private Optional<String> shakeHands(String address) {
        Optional<String> wrong =
                ask(address, channel -> new Answer(TlsHandshake.on(channel))).wrong();
        // As for a request: the port may want to know our client first.
        return wrong.isEmpty()
                        || ask(address, channel -> {
                                    channel.write(ByteBuffer.wrap(ascii(FROM_NOBODY)));
                                    return new Answer(TlsHandshake.on(channel));
                                })
                                .wrong()
                                .isEmpty()
                ? Optional.empty()
                : wrong;
    }

    private Optional<String> askFastCgi(String address) {
        Answer answer = ask(address, GET_VALUES);
        byte[] bytes = answer.bytes();
        // Closed without an answer: peers may not include this host.
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
    private record Answer(byte[] bytes, Optional<String> wrong) {
        Answer(byte[] bytes) {
            this(bytes, Optional.empty());
        }

        Answer(Optional<String> wrong) {
            this(new byte[0], wrong);
        }
    }

    private interface Conversation {
        Answer on(SocketChannel channel) throws IOException;
    }

    /** Connects, sends, and reads the first bytes of the answer. */
    private Answer ask(String address, byte[] question) {
        return ask(address, channel -> new Answer(exchange(channel, question)));
    }

    private Answer ask(String address, Conversation conversation) {
        AtomicBoolean late = new AtomicBoolean();
        Answer answer;
        try (SocketChannel channel =
                address.startsWith(UNIX) ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        late.set(true);
                        close(channel);
                    });
            channel.connect(where(address));
            answer = conversation.on(channel);
        } catch (IOException | IllegalArgumentException e) {
            answer = new Answer(Optional.of("does not answer: " + e.getMessage()));
        }
        return answer.wrong().isPresent() && late.get()
                ? new Answer(Optional.of("does not answer within " + patience.toSeconds() + " s"))
                : answer;
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
