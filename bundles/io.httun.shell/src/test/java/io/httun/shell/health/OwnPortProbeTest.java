// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.FakeServices;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints with ports of their own are asked whether they answer. */
@Timeout(60)
class OwnPortProbeTest {
    private static final byte[] REFUSED = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".getBytes(US_ASCII);

    private final List<ServerSocketChannel> servers = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws IOException {
        for (ServerSocketChannel server : servers) {
            server.close();
        }
    }

    private String serve(Function<String, byte[]> answer) throws IOException {
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return "127.0.0.1:" + ((InetSocketAddress) serve(any, answer)).getPort();
    }

    /** Answers the first bytes of each connection and closes it. */
    private SocketAddress serve(SocketAddress address, Function<String, byte[]> answer) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(
                address instanceof UnixDomainSocketAddress ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET);
        server.bind(address);
        servers.add(server);
        Thread thread = new Thread(() -> {
            while (server.isOpen()) {
                try (SocketChannel client = server.accept()) {
                    ByteBuffer question = ByteBuffer.allocate(4096);
                    client.read(question);
                    String text = new String(question.array(), 0, question.position(), US_ASCII);
                    client.write(ByteBuffer.wrap(answer.apply(text)));
                } catch (IOException e) {
                    // The test has ended.
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalAddress();
    }

    private static List<Problem> ask(String kind, String address, int seconds) {
        FakeServices services = new FakeServices();
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(new EndpointStatus("web", kind, address, "open", 0, 0));
            }
        });
        return new OwnPortProbe(new Services(services.context()), Duration.ofSeconds(seconds)).problems();
    }

    private static List<Problem> ask(String kind, String address) {
        return ask(kind, address, 30);
    }

    @Test
    void aStandaloneServerAnswersAStrangerWith404() throws IOException {
        assertThat(ask("netty", serve(request -> REFUSED))).isEmpty();
        String full = serve(request -> "HTTP/1.1 503 Service Unavailable\r\n\r\n".getBytes(US_ASCII))
                .replace("127.0.0.1", "0.0.0.0");
        assertThat(ask("netty", full))
                .containsExactly(new Problem(
                        "endpoint web",
                        full
                                + " answers HTTP/1.1 503 Service Unavailable instead of the server's answer to a stranger,"
                                + " which is 404",
                        "bundle:restart io.httun.endpoint.netty"));
        serve(UnixDomainSocketAddress.of(folder.resolve("s")), request -> REFUSED);
        assertThat(ask("netty", "unix:" + folder.resolve("s"))).isEmpty();
    }

    @Test
    void aServerThatWantsAProxyHeaderGetsOne() throws IOException {
        String address = serve(request -> request.startsWith("PROXY UNKNOWN\r\nGET ") ? REFUSED : new byte[0]);
        assertThat(ask("netty", address)).isEmpty();
    }

    @Test
    void aServerThatDoesNotAnswerIsAProblem() throws IOException {
        String address;
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            address = "127.0.0.1:" + silent.getLocalPort();
            assertThat(ask("netty", address, 1))
                    .extracting(Problem::what)
                    .containsExactly(address + " does not answer within 1 s");
            assertThat(ask("netty", "tls:" + address, 1))
                    .extracting(Problem::what)
                    .containsExactly("tls:" + address + " does not answer within 1 s");
        }
        assertThat(ask("netty", "tls:" + address))
                .singleElement()
                .extracting(Problem::what)
                .asString()
                .startsWith("tls:" + address + " does not answer: ");
    }

    @Test
    void fastCgiIsAskedForItsLimits() throws IOException {
        List<String> questions = new CopyOnWriteArrayList<>();
        String answering = serve(question -> {
            questions.add(HexFormat.of().formatHex(question.getBytes(US_ASCII)));
            return HexFormat.of().parseHex("010a000000000000");
        });
        assertThat(ask("fcgi", answering)).isEmpty();
        assertThat(questions).containsExactly("01090000000f00000d00464347495f4d41585f52455153");
        String closing = serve(question -> new byte[0]);
        assertThat(ask("fcgi", answering + ", " + closing))
                .as("peers may not allow this host")
                .isEmpty();
        String other = serve(question -> REFUSED);
        assertThat(ask("fcgi", answering + ", " + other))
                .extracting(Problem::what)
                .containsExactly(other + " answers something that is not FastCGI");
    }

    @Test
    void aFullDiskIsAProblem() {
        assertThat(new DiskSpace(folder, 1).problems()).isEmpty();
        assertThat(new DiskSpace(folder, Long.MAX_VALUE).problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.what()).startsWith("the disk is full: " + folder + " has room for ");
                    assertThat(problem.remedy()).startsWith("free space on that disk");
                });
        assertThat(new DiskSpace(folder.resolve("gone"), 1).problems())
                .singleElement()
                .extracting(Problem::what)
                .asString()
                .contains("cannot be read");
    }
}
