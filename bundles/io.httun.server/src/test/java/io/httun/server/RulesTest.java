// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.tunnel.Carrier;
import io.httun.filter.RuleFilter;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The effect of a rules file on a channel. */
class RulesTest {
    @TempDir
    Path folder;

    private final TestServer server = new TestServer();
    private TestTarget target;
    private RuleFilter rules;

    @BeforeEach
    void start() throws IOException {
        target = new TestTarget();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        server.close();
        rules.stop();
        target.close();
    }

    private TestClient client(String rule, Object... channel) throws Exception {
        Path file = Files.write(folder.resolve("rules"), List.of(rule));
        rules = new RuleFilter(Map.of("name", "web", "file", file.toString()));
        server.rules = Optional.of(rules);
        server.channel(channel);
        TestClient client = new TestClient(server, TestClient.ours());
        if (channel.length > 0) {
            client.authorization = "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes());
        }
        client.reads = new Carrier("192.0.2.7");
        client.writes = new Carrier("192.0.2.7");
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(client.confirm().status()).isEqualTo(200);
        return client;
    }

    private void assertReaches(TestClient client) throws Exception {
        client.write(target.address(), "hello");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 5)).isEqualTo("hello");
        }
    }

    private String refusal(TestClient client) {
        client.write(target.address(), "hello");
        await().until(() -> !server.server.closedConnections().isEmpty());
        ConnectionStatus closed = server.server.closedConnections().get(0);
        return closed.end() + ": " + closed.cause();
    }

    private static byte[] clientHello() throws GeneralSecurityException, IOException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("www.example.org", 443);
        engine.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = new byte[out.flip().remaining()];
        out.get(hello);
        return hello;
    }

    @Test
    void aRuleMayAskWhereTheClientIs() throws Exception {
        assertReaches(client("allow any source=192.0.2.0/24"));
    }

    @Test
    void aClientFromElsewhereIsRefusedAndNotNamed() throws Exception {
        assertThat(refusal(client("deny any source=192.0.2.0/24")))
                .startsWith("DENIED: a filter denies the target: filter web: 127.0.0.1:")
                .contains("line 1 'deny any source=...' ->");
    }

    @Test
    void theUserIsTheOneOfTheChannel() throws Exception {
        Path login = Files.writeString(folder.resolve("login"), "ann:secret");
        assertReaches(client("allow any user=ann", "basic.auth.file", login.toString()));
    }

    @Test
    void letsOnlyTlsReachTheTargetWhereARuleSaysSo() throws Exception {
        TestClient client = client("allow any tls=any");
        byte[] hello = clientHello();
        client.write(target.address(), hello);
        try (Socket socket = target.accept()) {
            assertThat(socket.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        }
    }

    @Test
    void noByteOfSomethingElseReachesTheTarget() throws Exception {
        assertThat(refusal(client("allow any tls=any")))
                .contains("filter web: the first bytes are not a TLS ClientHello");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.endOf(socket)).isNotIn("data", "open");
        }
    }
}
