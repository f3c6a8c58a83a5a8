// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.FakeServices;
import io.httun.testpeers.SelfSigned;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A port for TLS works only if a handshake succeeds there. */
@Timeout(180)
class TlsPortProbeTest {
    private static final String FROM_NOBODY = "PROXY UNKNOWN\r\n";

    private interface Conversation {
        void with(Socket client) throws IOException;
    }

    private final List<ServerSocket> servers = new ArrayList<>();

    @TempDir
    private static Path folder;

    /** The server's side of TLS, with a certificate that nobody has signed. */
    private static SSLContext context;

    @BeforeAll
    static void makeCertificate() throws Exception {
        context = SelfSigned.make(folder, "elsewhere").context();
    }

    @AfterEach
    void stop() throws IOException {
        for (ServerSocket server : servers) {
            server.close();
        }
    }

    private String serve(Conversation conversation) throws IOException {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    conversation.with(client);
                } catch (IOException e) {
                    // The client has gone, or the test has ended.
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return "tls:127.0.0.1:" + server.getLocalPort();
    }

    private static List<Problem> ask(String address) {
        FakeServices services = new FakeServices();
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(new EndpointStatus("web", "netty", address, "open", 0, 0));
            }
        });
        return new OwnPortProbe(new Services(services.context()), Duration.ofMinutes(1)).problems();
    }

    private static void handshake(SSLContext context, Socket client) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(client, null, true)) {
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aHandshakeIsEnoughWhateverTheCertificateSays() throws Exception {
        assertThat(ask(serve(client -> handshake(context, client)))).isEmpty();
    }

    @Test
    void aPortThatWantsAProxyHeaderGetsOne() throws Exception {
        assertThat(ask(serve(client -> {
                    byte[] header = client.getInputStream().readNBytes(FROM_NOBODY.length());
                    if (new String(header, US_ASCII).equals(FROM_NOBODY)) {
                        handshake(context, client);
                    }
                })))
                .isEmpty();
    }

    @Test
    void aPortWhoseHandshakeFailsIsAProblemWithARemedy() throws Exception {
        // No certificate, so no common cipher.
        SSLContext empty = SSLContext.getInstance("TLS");
        empty.init(null, null, null);
        String address = serve(client -> handshake(empty, client));
        assertThat(ask(address)).singleElement().satisfies(problem -> {
            assertThat(problem.part()).isEqualTo("endpoint web");
            assertThat(problem.what()).startsWith(address + " TLS handshake fails: ");
            assertThat(problem.remedy())
                    .isEqualTo("check the certificate and key in tls.certificate.file and tls.key.file,"
                            + " then bundle:restart io.httun.endpoint.netty");
        });
    }

    @Test
    void aPortThatClosesInsteadOfAHandshakeIsAProblem() throws Exception {
        String address = serve(Socket::close);
        assertThat(ask(address))
                .singleElement()
                .extracting(Problem::what)
                .asString()
                .startsWith(address + " TLS handshake fails: ");
    }
}
