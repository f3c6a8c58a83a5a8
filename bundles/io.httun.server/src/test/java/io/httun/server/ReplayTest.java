// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.KeyLife;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A recorded frame that a stranger repeats changes nothing. */
class ReplayTest {
    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private SessionTable table() {
        return server.server.registry().find(TestServer.CHANNEL).sessions();
    }

    private Session session() {
        return table().all().get(0);
    }

    private TestClient client() throws Exception {
        server.channel();
        TestClient client = new TestClient(server, TestClient.ours());
        client.reads = new Carrier("192.0.2.1");
        client.writes = new Carrier("192.0.2.1");
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(client.confirm().status()).isEqualTo(200);
        return client;
    }

    /** Sends a frame from another address, and expects the session unchanged. */
    private void assertUnnoticed(TestClient client, boolean read, byte[] recorded) throws Exception {
        Session session = session();
        long used = session.lastUsed();
        long frames = session.status().framesIn();
        long serial = read ? client.readSerial() : client.writeSerial();
        Session expected = table().hints().find(read, serial);
        Carrier stranger = new Carrier("198.51.100.9");
        client.reads = stranger;
        client.writes = stranger;
        client.forgetSerials();
        TestClient.get(read ? client.sendRead(recorded) : client.sendWrite(recorded));
        assertThat(session.peer()).isEqualTo("192.0.2.1");
        assertThat(session.lastUsed()).isEqualTo(used);
        assertThat(session.status().framesIn()).isEqualTo(frames);
        assertThat(stranger.attachment()).isNull();
        assertThat(table().hints().find(read, serial)).isSameAs(expected);
    }

    @Test
    void aUploadThatWasTakenChangesNothing() throws Exception {
        TestClient client = client();
        byte[] frame = client.writeFrame(client.nextWrite++, TestClient.loopback(9), new byte[0]);
        assertThat(TestClient.get(client.sendWrite(frame)).status()).isEqualTo(200);
        assertUnnoticed(client, false, frame);
    }

    @Test
    void aRequestThatWasAnsweredChangesNothing() throws Exception {
        TestClient client = client();
        byte[] ping = client.seal(Operation.TEST_TO_SERVER, SequenceType.B.with(client.nextWrite++), new byte[] {1});
        assertThat(TestClient.get(client.sendWrite(ping)).status()).isEqualTo(200);
        byte[] poll = client.readFrame(Operation.TEST_FROM_SERVER, client.nextRead++);
        TunnelReply reply = TestClient.get(client.sendRead(poll));
        reply.body().release();
        reply.delivery().written();
        assertUnnoticed(client, true, poll);
    }

    @Test
    void aFrameThatIsWrongChangesNothing() throws Exception {
        TestClient client = client();
        byte[] foreign = client.seal(Operation.L7_TO_SERVER, SequenceType.A.with(9), new byte[20]);
        assertUnnoticed(client, false, foreign);
        byte[] unknown = client.readFrame(Operation.L7_TO_SERVER, client.nextRead);
        assertUnnoticed(client, true, unknown);
    }

    @Test
    void anInitTakesNoOtherSessionsHint() throws Exception {
        TestClient client = client();
        assertThat(client.confirm().status()).isEqualTo(200);
        long serial = client.writeSerial();
        Session live = table().hints().find(false, serial);
        assertThat(live).isNotNull();
        Session other = new TestClientSession(server).unconfirmed();
        table().hints().expectFirst(other, false, serial);
        assertThat(table().hints().find(false, serial)).isSameAs(live);
    }

    /** Another session of the same channel. */
    private record TestClientSession(TestServer server) {
        Session unconfirmed() throws Exception {
            assertThat(new TestClient(server, TestClient.ours()).init().status())
                    .isEqualTo(200);
            return server.server
                    .registry()
                    .find(TestServer.CHANNEL)
                    .sessions()
                    .newest()
                    .get(0);
        }
    }

    @Test
    void aSessionThatWasConfirmedMeanwhileDoesNotExpireAsANewOne() throws Exception {
        server.channel();
        TestClient client = new TestClient(server, TestClient.ours());
        assertThat(client.init().status()).isEqualTo(200);
        Session session = session();
        Session.State seen = session.state();
        assertThat(client.confirm().status()).isEqualTo(200);
        long later = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
        assertThat(table().endIf(session, seen, later, "idle")).isFalse();
        assertThat(table().endIf(session, session.state(), session.lastUsed() - 1, "idle"))
                .as("its client was heard of")
                .isFalse();
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void anEndedSessionLeavesMemoryThoughItsHttpConnectionsStay() throws Exception {
        TestClient client = client();
        Session.Hint hint = (Session.Hint) client.writes.attachment();
        assertThat(hint.session()).isNotNull();
        server.server.closeSession(server.server.sessions().get(0).id());
        await().until(() -> {
            System.gc();
            return hint.session() == null;
        });
        assertThat(client.writes.attachment()).isSameAs(hint);
    }

    @Test
    void aSecretThatIsUsedUpAnswersNoMoreInits() throws Exception {
        server.server.keyLives(() -> new KeyLife(4, 1000));
        server.channel();
        assertThat(new TestClient(server, TestClient.ours()).init().status()).isEqualTo(200);
        assertThat(new TestClient(server, TestClient.ours()).init().status()).isEqualTo(200);
        assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.refused());
        assertThat(server.server.refused().total(Refusals.Cause.SECRET_USED_UP)).isEqualTo(1);
    }
}
