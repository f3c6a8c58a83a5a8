// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ChannelClosure.State;
import io.httun.api.cluster.ClusterChannels;
import io.httun.api.cluster.NodeForwarder;
import io.httun.api.cluster.NodeServer;
import io.httun.api.status.Problem;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an administrator says of a channel at one server of a cluster holds at all. */
class SharedClosuresTest {
    private static final int HERE = 1;
    private static final int THERE = 2;

    /** Reaches nobody, as one of a cluster whose other servers are away. */
    private static final NodeForwarder CLUSTER = new NodeForwarder() {
        @Override
        public boolean reaches(int node) {
            return false;
        }

        @Override
        public CompletableFuture<Optional<TunnelReply>> forward(int node, TunnelRequest request) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    };

    @TempDir
    Path folder;

    private TestServer server;
    private NodeServer node;
    private ClusterChannels channels;

    @BeforeEach
    void start() {
        server = new TestServer(Map.of("node", HERE, ".usage.folder", folder.toString()));
        node = new NodeServerComponent(server.server);
        channels = new ClusterChannelsComponent(server.server);
        node.forwardBy(CLUSTER);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart() {
        stop();
        start();
    }

    private static List<ChannelClosure> said(long version, int node, State state) {
        return List.of(new ChannelClosure("t", version, node, state));
    }

    private void awaitState(String state) {
        await(state).until(() -> server.server.channels().get(0).state().equals(state));
    }

    private String problems() {
        return String.join(
                "\n",
                server.server.problems().stream()
                        .map(each -> each.part() + ": " + each.what())
                        .toList());
    }

    private int init() throws Exception {
        return new TestClient(server, TestClient.stock()).init().status();
    }

    @Test
    void aChannelThatAnotherServerDisablesEndsHereAndIsRefusedUntilItIsEnabled() throws Exception {
        server.channel();
        TestClient.connected(server, TestClient.stock());
        assertThat(server.server.sessions()).hasSize(1);
        node.merge(said(1, THERE, State.DISABLED));
        awaitState("disabled at node 2");
        assertThat(server.server.sessions()).isEmpty();
        assertThat(init()).isEqualTo(404);
        assertThat(problems()).isEqualTo("channel t: refused, as it was disabled at node 2 for the whole cluster");
        node.merge(said(2, THERE, State.OPEN));
        awaitState("enabled");
        assertThat(init()).isEqualTo(200);
        assertThat(problems()).isEmpty();
    }

    @Test
    void itHoldsAfterARestartFromTheFirstRequestOn() throws Exception {
        server.channel();
        node.merge(said(3, THERE, State.DELETED));
        awaitState("deleted at node 2");
        restart();
        server.channel();
        assertThat(server.server.channels().get(0).state()).isEqualTo("deleted at node 2");
        assertThat(init()).isEqualTo(404);
        assertThat(problems()).contains("refused, as it was deleted at node 2");
        assertThat(channels.tell("t", State.OPEN)).isTrue();
        assertThat(node.closures()).isEqualTo(said(4, HERE, State.OPEN));
        restart();
        server.channel();
        assertThat(server.server.channels().get(0).state()).isEqualTo("enabled");
        assertThat(node.closures()).isEqualTo(said(4, HERE, State.OPEN));
    }

    @Test
    void whatIsSaidHereIsForTheOthersAndNoProblem() {
        server.channel("enabled", false);
        assertThat(channels.tell("t", State.DISABLED)).isTrue();
        assertThat(node.closures()).isEqualTo(said(1, HERE, State.DISABLED));
        assertThat(problems()).isEmpty();
        node.merge(said(2, THERE, State.OPEN));
        assertThat(problems())
                .isEqualTo("channel t: disabled by its configuration here, though it was enabled at node 2");
    }

    @Test
    void aFileThatIsEditedByHandDoesNotOpenWhatWasClosedHere() {
        server.channel();
        channels.tell("t", State.DISABLED);
        awaitState("disabled at node 1");
        assertThat(server.server.problems()).extracting(Problem::remedy).allSatisfy(remedy -> assertThat(remedy)
                .startsWith("httun:channel-enable t"));
        channels.tell("t", State.OPEN);
        awaitState("enabled");
    }

    @Test
    void withoutAClusterNothingIsKeptButWhatWasClosedIsOpened() {
        node.forwardBy(NodeForwarder.NONE);
        assertThat(channels.tell("t", State.DISABLED)).isFalse();
        assertThat(channels.tell("t", State.OPEN)).isFalse();
        assertThat(node.closures()).isEmpty();
        node.merge(said(1, THERE, State.DISABLED));
        channels.tell("t", State.OPEN);
        assertThat(node.closures()).isEqualTo(said(2, HERE, State.OPEN));
    }

    @Test
    void allServersAgreeInWhateverOrderTheyHear() {
        Random random = new Random(1);
        List<ChannelClosure> words = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            words.add(new ChannelClosure(
                    "c" + random.nextInt(5),
                    1 + random.nextInt(4),
                    random.nextInt(3),
                    State.values()[random.nextInt(3)]));
        }
        ChannelClosures first = new ChannelClosures(Optional.empty(), Runnable::run);
        first.merge(words);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(words, random);
            ChannelClosures next = new ChannelClosures(Optional.empty(), Runnable::run);
            words.forEach(word -> next.merge(List.of(word)));
            assertThat(next.all()).containsExactlyInAnyOrderElementsOf(first.all());
        }
    }

    @Test
    void theLaterWordHoldsAndOfTwoAtOnceTheClosedOne() {
        for (List<ChannelClosure> order : List.of(
                List.of(
                        said(1, 9, State.DISABLED).get(0),
                        said(2, 1, State.OPEN).get(0)),
                List.of(
                        said(2, 1, State.DISABLED).get(0),
                        said(2, 9, State.OPEN).get(0)),
                List.of(
                        said(2, 9, State.OPEN).get(0),
                        said(2, 9, State.DISABLED).get(0)))) {
            assertThat(order.get(1).isAfter(order.get(0))).isTrue();
            assertThat(order.get(0).isAfter(order.get(1))).isFalse();
        }
    }

    @Test
    void thereAreOnlySoMany() {
        ChannelClosures closures = new ChannelClosures(Optional.empty(), Runnable::run);
        closures.merge(IntStream.range(0, ChannelClosures.MAX)
                .mapToObj(i -> new ChannelClosure("c" + i, 1, THERE, State.DELETED))
                .toList());
        closures.merge(List.of(new ChannelClosure("more", 1, THERE, State.DISABLED)));
        assertThat(closures.all()).hasSize(ChannelClosures.MAX);
        assertThat(closures.why("more")).isEmpty();
        assertThatThrownBy(() -> closures.say("more", State.DISABLED, HERE))
                .isInstanceOf(HttunException.class)
                .hasMessageStartingWith("10000 channels are closed in the cluster");
        closures.say("c1", State.OPEN, HERE);
        closures.say("more", State.DISABLED, HERE);
        assertThat(closures.why("more")).isEqualTo("disabled at node 1");
        assertThat(closures.all()).hasSize(ChannelClosures.MAX);
    }

    @Test
    void aDamagedFileTakesNothingElseAlong() throws Exception {
        stop();
        Files.writeString(
                folder.resolve("closed-channels"),
                "3 2 DISABLED t\nnonsense\n9999999999999999 2 OPEN t\n3 2 DELETED ../t\n1 2 DELETED u");
        start();
        assertThat(node.closures())
                .containsExactlyInAnyOrder(
                        new ChannelClosure("t", 3, 2, State.DISABLED), new ChannelClosure("u", 1, 2, State.DELETED));
    }

    @Test
    void aFileThatCannotBeWrittenIsAProblem() throws Exception {
        Files.createDirectories(folder.resolve("closed-channels").resolve("not empty"));
        channels.tell("t", State.DISABLED);
        await().untilAsserted(() -> assertThat(problems()).contains("a restart forgets which channels are closed"));
    }
}
