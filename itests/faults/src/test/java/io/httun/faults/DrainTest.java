// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.DrainStatus;
import io.httun.api.status.PipeStatus;
import io.httun.client.ClientUnderTest;
import io.httun.protocol.KeyLife;
import io.httun.streams.Http2Multiplexer;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockReply;
import io.httun.testrig.TunnelRig;
import io.httun.toolkit.status.Trouble;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server is drained under load: nothing is cut before its time is over, and what is new goes to another server. */
@Timeout(600)
class DrainTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration FOREVER = Duration.ofHours(1);
    private static final int EACH = 4;

    private final ChannelRig channel = new ChannelRig();
    private final Http2Multiplexer atClient = channel.streams();
    private final OurServer first = channel.server(channel.streams());
    private final OurServer second = channel.server(channel.streams());
    private final ExecutorService applications = Executors.newCachedThreadPool();
    private final List<ClientUnderTest> clients = new ArrayList<>();
    private long conversations;
    private int echo;

    @BeforeEach
    void start() throws IOException {
        echo = channel.rig().echo();
        // The first connection of a JVM takes longer than some limits allow where the machine is busy.
        ClientUnderTest warmUp = client(second);
        assertWhole(converse(port(warmUp)));
        clients.remove(warmUp);
        warmUp.close();
    }

    @AfterEach
    void stop() throws IOException {
        applications.shutdownNow();
        clients.forEach(ClientUnderTest::close);
        first.close();
        second.close();
        channel.close();
    }

    private ClientUnderTest client(OurServer... nodes) {
        ClientUnderTest client = channel.client(
                Stream.of(nodes).map(OurServer::url).toList(),
                ChannelRig.NO_NAMES,
                ChannelRig.USUAL,
                KeyLife.MAX_FRAMES,
                () -> atClient);
        clients.add(client);
        return client;
    }

    private int port(ClientUnderTest client) {
        return channel.rig().local(client, "127.0.0.1:" + echo);
    }

    /** Bulk and idle ones, each with bytes already there and back. One that is refused, as where an init is slow, is tried again. */
    private List<Conversation> converse(int port) {
        List<Conversation> begun = new ArrayList<>();
        for (int i = 0; i < 2 * EACH; i++) {
            begun.add(converse(port, i));
        }
        await("the first bytes").atMost(LONG).untilAsserted(() -> {
            for (int i = 0; i < begun.size(); i++) {
                if (begun.get(i).isOver()) {
                    begun.set(i, converse(port, i));
                }
            }
            assertThat(begun).as("pipes %s", atClient.pipes()).allMatch(each -> each.bytes() > 0);
        });
        return begun;
    }

    private Conversation converse(int port, int i) {
        return new Conversation(++conversations, port, i % 2 == 0, applications);
    }

    private static void assertWhole(List<Conversation> all) {
        assertThat(all).allSatisfy(each -> assertThat(each.isOver()).isFalse());
        assertThat(all).allSatisfy(each -> assertThat(each.finish()).isEqualTo(Outcome.WHOLE));
    }

    /** The client has heard that it is to go elsewhere with what is new. */
    private void awaitGoAway() {
        await("GOAWAY").atMost(LONG).until(() -> atClient.pipes().stream()
                .filter(pipe -> pipe.side().equals("client"))
                .map(PipeStatus::state)
                .allMatch("draining"::equals));
    }

    private static void awaitConnections(OurServer node, int count) {
        await("connections").atMost(LONG).until(() -> node.server().connections() == count);
    }

    private void awaitEmpty(OurServer node) {
        await("an empty server")
                .atMost(LONG)
                .until(() -> node.server().sessions().isEmpty());
        assertThat(node.server().waiting()).isZero();
        assertThat(node.server().drainStatus().sessions()).isZero();
    }

    @Test
    void streamsEndInTheirOwnTimeWhileNewOnesGoToTheOtherServer() {
        int port = port(client(first, second));
        List<Conversation> old = converse(port);
        awaitConnections(first, 2 * EACH);
        first.server().drain().drain(FOREVER);
        assertThat(first.server().drainStatus().state()).isEqualTo(DrainStatus.DRAINING);
        awaitGoAway();
        List<Conversation> since = converse(port);
        awaitConnections(first, 2 * EACH);
        awaitConnections(second, 2 * EACH);
        long before = old.get(0).bytes();
        await("old streams that go on").atMost(LONG).until(() -> old.get(0).bytes() > before + (1 << 20));
        assertWhole(old);
        awaitEmpty(first);
        assertWhole(since);
        assertThat(first.server().drainStatus().refused()).isPositive();
    }

    @Test
    void aServerAloneRefusesWhatIsNewUntilItServesAgain() throws IOException {
        ClientUnderTest client = client(first);
        client.start();
        int port = port(client);
        List<Conversation> old = converse(port);
        first.server().drain().drain(FOREVER);
        awaitGoAway();
        try (Socket socket = TunnelRig.dial(port)) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
        assertThat(client.toString())
                .contains(Trouble.DRAINING.what(), "503 with Retry-After 5 s", Trouble.DRAINING.remedy());
        first.server().drain().serve();
        assertThat(first.server().drainStatus().state()).isEqualTo(DrainStatus.SERVING);
        await("the client's own look at the server").atMost(LONG).until(() -> !client.toString()
                .contains(Trouble.DRAINING.what()));
        assertWhole(converse(port));
        assertWhole(old);
    }

    @Test
    void whatRemainsAtTheEndIsReset() {
        List<Conversation> old = converse(port(client(first)));
        first.server().drain().drain(Duration.ofSeconds(1));
        await("the end")
                .atMost(LONG)
                .until(() -> first.server().drainStatus().state().equals(DrainStatus.DRAINED));
        assertThat(old.get(0).outcome()).isEqualTo(Outcome.RESET);
        await("the targets").atMost(LONG).until(() -> first.server().connections() == 0);
        assertThat(old).allSatisfy(each -> assertThat(each.finish()).isEqualTo(Outcome.RESET));
        awaitEmpty(first);
    }

    @Test
    void aStockClientIsRefusedAndAStrangerLearnsNothing() throws IOException {
        StockClient stock = stock(ChannelRig.SECRET);
        StockClient stranger = stock("ff".repeat(32));
        assertThat(init(stock).status()).isEqualTo(200);
        StockReply serving = init(stranger);
        assertThat(serving.status()).isEqualTo(404);
        first.server().drain().drain(FOREVER);
        StockReply refused = init(stock);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).contains("5");
        assertThat(refused.body()).isEmpty();
        StockReply draining = init(stranger);
        assertThat(draining.line()).isEqualTo(serving.line());
        assertThat(draining.body()).isEmpty();
        first.server().drain().serve();
        assertThat(init(stock).status()).isEqualTo(200);
    }

    /** A stock client's patience is short for a machine that is busy. */
    private static StockReply init(StockClient client) {
        return await().ignoreExceptions().atMost(LONG).until(() -> client.sendInit(client.sealInit()), reply -> true);
    }

    private StockClient stock(String secret) throws IOException {
        return StockClient.builder(
                        URI.create(first.url()),
                        ChannelRig.CHANNEL,
                        HexFormat.of().parseHex(secret))
                .build();
    }
}
