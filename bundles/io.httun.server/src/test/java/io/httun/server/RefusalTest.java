// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusalTest {
    private static final byte[] NOTHING = {};

    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private TunnelReply get(String path, String query) throws Exception {
        return server.ask("GET", path, query, "", NOTHING);
    }

    @Test
    void everyFailureBeforeAuthenticationLooksTheSame() throws Exception {
        server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        byte[] init = client.initFrame(new byte[32]);
        String good = "m=" + Base64.getUrlEncoder().withoutPadding().encodeToString(init);
        init[40]++;
        String bad = "m=" + Base64.getUrlEncoder().withoutPadding().encodeToString(init);
        byte[] data = client.writeFrame(5, TestClient.loopback(9), new byte[10]);
        byte[] foreign = data.clone();
        foreign[50]++;
        List<TunnelReply> replies = new ArrayList<>();
        replies.add(get("/8/r/0000000001", good));
        replies.add(get("/7/r/0000000001", bad));
        replies.add(get("/7/r/0000000001", ""));
        replies.add(get("/7/r/0000000001", "m=%%%"));
        replies.add(get("/7/r/0000000001", "m=AAAA"));
        replies.add(get("/7/r", good));
        replies.add(get("/7/x/0000000001", good));
        replies.add(get("/7/r/0000000001/2", good));
        replies.add(get("/99999/r/0000000001", good));
        replies.add(server.ask("POST", "/7/r/0000000001", good, "", NOTHING));
        replies.add(server.ask("PUT", "/7/w/0000000001", "", "", data));
        replies.add(server.ask("GET", "/7/w/0000000001", "", "", data));
        replies.add(server.ask("POST", "/7/w/0000000001", "", "", foreign));
        replies.add(server.ask("POST", "/8/w/0000000001", "", "", data));
        replies.add(server.ask("POST", "/7/w/0000000001", "", "", NOTHING));
        replies.add(server.ask("POST", "/7/w/0000000001", "", "", new byte[TunnelRequest.MAX_BODY + 1]));
        assertThat(replies).allSatisfy(reply -> assertThat(reply).isEqualTo(TunnelReply.refused()));
        assertThat(TunnelReply.refused().status()).isEqualTo(404);
        assertThat(server.server.channels().get(0).refused()).isPositive();
    }

    @Test
    void smallOrderKeyIsRefusedLikeAnyOther() throws Exception {
        server.channel();
        TestClient client = new TestClient(server, TestClient.ours());
        assertThat(TestClient.get(client.sendRead(client.initFrame(new byte[32]))))
                .isEqualTo(TunnelReply.refused());
    }

    @Test
    void wrongCredentialsLookLikeAnUnknownChannel(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("auth"), "user:pass");
        server.channel("basic.auth.file", file.toString());
        TestClient client = new TestClient(server, TestClient.ours());
        assertThat(client.init()).isEqualTo(TunnelReply.refused());
        client.authorization = basic("user:wrong");
        assertThat(client.init()).isEqualTo(TunnelReply.refused());
        client.authorization = basic("user:pass");
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(client.confirm().status()).isEqualTo(200);
        client.authorization = "";
        assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void authenticatedButWrongIs400AndConcernsThatRequestOnly() throws Exception {
        server.channel("test", false);
        TestClient client = TestClient.connected(server, TestClient.ours());
        assertThat(status(client, Operation.TEST_TO_SERVER, new byte[3])).isEqualTo(400);
        assertThat(status(client, Operation.L3_TO_SERVER, new byte[3])).isEqualTo(400);
        assertThat(status(client, Operation.L7_TO_SERVER, new byte[3])).isEqualTo(400);
        assertThat(status(TestClient.connected(server, TestClient.stock()), Operation.L7_TO_SERVER, new byte[19]))
                .as("port 0 of a stock client")
                .isEqualTo(400);
        assertThat(status(client, Operation.L7_FROM_SERVER, NOTHING)).isEqualTo(400);
        byte[] foreignType = client.seal(Operation.L7_TO_SERVER, SequenceType.A.with(9), new byte[20]);
        assertThat(TestClient.get(client.sendWrite(foreignType)).status()).isEqualTo(400);
        for (Operation operation :
                List.of(Operation.TEST_FROM_SERVER, Operation.L3_FROM_SERVER, Operation.L7_TO_SERVER)) {
            byte[] frame = client.readFrame(operation, client.nextRead++);
            assertThat(TestClient.get(client.sendRead(frame)).status()).isEqualTo(400);
        }
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    private static int status(TestClient client, Operation operation, byte[] payload) throws Exception {
        byte[] frame = client.seal(operation, SequenceType.B.with(client.nextWrite++), payload);
        return TestClient.get(client.sendWrite(frame)).status();
    }

    @Test
    void missingCryptoIs503AndSessionsGoOnWhenItIsBack() throws Exception {
        server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        var cipher = server.server.cipher;
        server.server.cipher = null;
        byte[] frame = client.writeFrame(client.nextWrite, TestClient.loopback(9), NOTHING);
        assertThat(TestClient.get(client.sendWrite(frame))).isEqualTo(TunnelReply.unavailable());
        server.server.cipher = cipher;
        assertThat(TestClient.get(client.sendWrite(frame)).status()).isEqualTo(200);
        var agreement = server.server.agreement;
        server.server.agreement = null;
        assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.unavailable());
        server.server.agreement = agreement;
    }
}
