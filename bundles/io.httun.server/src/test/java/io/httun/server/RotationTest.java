// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.tunnel.TunnelReply;
import io.httun.toolkit.config.ChannelSecrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationTest {
    private static final String NEXT = "ab".repeat(32);

    @TempDir
    Path folder;

    private final TestServer server = new TestServer();
    private Path key;
    private ChannelComponent channel;

    @BeforeEach
    void start() throws Exception {
        key = Files.writeString(
                Files.createDirectory(folder.resolve("keys")).resolve("t.key"), TestServer.SECRET + "\n");
        Map<String, Object> properties = TestServer.properties("secret.file", key.toString());
        properties.remove("secret");
        channel = server.channel(new NeverConnector(), properties);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void begin(Instant until) throws Exception {
        ChannelSecrets.read(key.toString(), "").begin(SharedSecret.ofHex(NEXT), until);
        channel.refresh();
    }

    private TestClient client(String secret) {
        return new TestClient(server, TestClient.ours(), TestServer.CHANNEL, secret);
    }

    private String until() {
        return server.server.channelUses().get(0).rotation();
    }

    @Test
    void theFirstUseOfTheNextSecretDropsTheOldOneAndCutsNobody() throws Exception {
        TestClient old = TestClient.connected(server, TestClient.ours());
        begin(Instant.now().plus(Duration.ofDays(7)));
        assertThat(until()).isNotEmpty();
        TestClient next = client(NEXT);
        assertThat(next.init().status()).isEqualTo(200);
        assertThat(client(TestServer.SECRET).init().status())
                .as("an init proves nothing until it is used")
                .isEqualTo(200);
        assertThat(next.confirm().status()).isEqualTo(200);
        await().until(() -> client(TestServer.SECRET).init().equals(TunnelReply.refused()));
        await().untilAsserted(() -> assertThat(key).hasContent(NEXT));
        channel.refresh();
        assertThat(until()).isEmpty();
        assertThat(old.confirm().status()).isEqualTo(200);
        assertThat(next.confirm().status()).isEqualTo(200);
        assertThat(client(NEXT).init().status()).isEqualTo(200);
        assertThat(client(TestServer.SECRET).init()).isEqualTo(TunnelReply.refused());
    }

    @Test
    void theOldSecretIsDroppedWhenTheTimeIsOver() throws Exception {
        TestClient old = TestClient.connected(server, TestClient.ours());
        begin(Instant.now().minusSeconds(1));
        await().untilAsserted(() -> assertThat(key).hasContent(NEXT));
        assertThat(client(TestServer.SECRET).init()).isEqualTo(TunnelReply.refused());
        assertThat(client(NEXT).init().status()).isEqualTo(200);
        assertThat(old.confirm().status()).isEqualTo(200);
    }

    @Test
    void anOldSecretThatIsStillOnDiskIsAProblemUntilItIsNot() throws Exception {
        begin(Instant.now().plusSeconds(2));
        Path moved = Files.move(key.getParent(), folder.resolve("moved"));
        await().until(() -> !server.server.problems().isEmpty());
        assertThat(server.server.problems())
                .singleElement()
                .asString()
                .contains("channel t", key + " cannot be written", "a restart would take the old secret again");
        Files.move(moved, key.getParent());
        await().until(() -> server.server.problems().isEmpty());
        assertThat(key).hasContent(NEXT);
    }

    @Test
    void aDamagedRotationLeavesTheOldSecretInUseAndSaysWhatToDo() throws Exception {
        Files.writeString(key, TestServer.SECRET + "\nnext " + NEXT.substring(9) + " until tomorrow\n");
        channel.refresh();
        assertThat(client(TestServer.SECRET).init().status()).isEqualTo(200);
        assertThatThrownBy(() -> ChannelSecrets.read(key.toString(), ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = " + key + ": the line that begins with next must be: next 64-HEX-DIGITS"
                        + " until 2026-12-06T20:00:00Z; delete the line to end the rotation");
    }
}
