// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ChannelTally;
import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.SessionStatus;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real membership and real connections; the servers behind them answer as told. */
@Timeout(180)
class ClusterTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final SharedSecret KEY = SharedSecret.ofHex("ab".repeat(32));
    private static final SharedSecret OTHER_KEY = SharedSecret.ofHex("cd".repeat(32));

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final EventLoops loops = () -> group;
    private final List<Node> nodes = new ArrayList<>();
    private final List<InetSocketAddress> addresses = List.of(free(), free());

    /** Of a port that nobody has now. */
    private static InetSocketAddress free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Node {
        final FakeNodeServer server;
        final ClusterSettings settings;
        final Cluster cluster;

        Node(int number, ClusterSettings settings) {
            this.server = new FakeNodeServer(number);
            this.settings = settings;
            this.cluster = new Cluster(settings, server, loops);
            nodes.add(this);
            cluster.start();
        }

        List<Integer> seen() {
            return cluster.members().stream().map(ClusterMember::node).toList();
        }

        Optional<TunnelReply> forward(int to, TunnelRequest request) throws Exception {
            Optional<TunnelReply> reply = server.forwarder.forward(to, request).get(30, TimeUnit.SECONDS);
            request.body().release();
            return reply;
        }

        String problem() {
            return cluster.problems().stream().map(Problem::what).findFirst().orElse("");
        }
    }

    private Node node(int number, SharedSecret key, InetSocketAddress listen) {
        return new Node(
                number,
                new ClusterSettings(
                        key, listen, free().getPort(), addresses, Optional.empty(), "n" + listen.getPort()));
    }

    /** Two members that know each other. */
    private Node[] pair() {
        Node first = node(1, KEY, addresses.get(0));
        awaitSeen(first, 1);
        Node second = node(2, KEY, addresses.get(1));
        awaitSeen(first, 1, 2);
        awaitSeen(second, 1, 2);
        return new Node[] {first, second};
    }

    private static void awaitSeen(Node node, Integer... numbers) {
        await("members").atMost(LONG).untilAsserted(() -> assertThat(node.seen())
                .containsExactly(numbers));
    }

    @AfterEach
    void stop() {
        nodes.forEach(node -> node.cluster.close());
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static TunnelRequest request(String body) {
        ByteBuf bytes = Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
        return new TunnelRequest("POST", "/7/w/0200000000", "", "", bytes, new Carrier("192.0.2.7"));
    }

    /** Tells how often a reply was written or not. */
    private static final class Told implements TunnelReply.Delivery {
        final AtomicInteger written = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();

        @Override
        public void written() {
            written.incrementAndGet();
        }

        @Override
        public void failed() {
            failed.incrementAndGet();
        }
    }

    @Test
    void membersSeeEachOtherAndWhatChanges() {
        Node[] two = pair();
        two[1].server.state = DrainStatus.DRAINING;
        await("draining")
                .atMost(LONG)
                .until(() -> two[0].cluster.members().get(1).state().equals(DrainStatus.DRAINING));
        assertThat(two[0].cluster.nodes())
                .extracting(NodeStatus::node, NodeStatus::here, NodeStatus::state, NodeStatus::sessions)
                .containsExactly(tuple(1, true, DrainStatus.SERVING, 3), tuple(2, false, DrainStatus.DRAINING, 3));
        assertThat(two[0].problem()).isEmpty();
        two[1].server.channels = 1;
        await("differing channels").atMost(LONG).until(() -> two[0].problem()
                .equals("channels or their secrets differ at node 2 (" + two[1].settings.name() + ")"));
        two[1].cluster.close();
        awaitSeen(two[0], 1);
        assertThat(two[0].problem()).isEmpty();
    }

    @Test
    void countersOfAMemberArriveAndOutliveIt() {
        Node[] two = pair();
        ChannelTally tally = new ChannelTally("home", LocalDate.of(2026, 11, 30), 1, 2, 3);
        two[0].server.own = List.of(tally);
        await("counters").atMost(Duration.ofSeconds(20)).until(() -> two[1].server.others.contains(tally));
        assertThat(two[0].server.others).isEmpty();
        two[0].cluster.close();
        awaitSeen(two[1], 2);
        assertThat(two[1].server.others).containsExactly(tally);
    }

    private static SessionStatus session(String id, int node) {
        return new SessionStatus(id, "server", "home", node, "open", 10, 1, 7, 11, 12, 13, 14);
    }

    private static ClusterAnswer<SessionStatus> sessions(Node of) {
        return of.cluster.questions().sessions().join();
    }

    @Test
    void sessionsOfAllMembersAreListedAndClosedFromAnyOfThem() {
        Node[] two = pair();
        two[0].server.sessions = () -> List.of(session("a1", 1));
        two[1].server.sessions = () -> List.of(session("b1", 2), session("b2", 2));
        assertThat(two[0].cluster.questions().rows()).isEmpty();
        assertThat(sessions(two[0])).isEqualTo(new ClusterAnswer<>(two[1].server.sessions.get(), List.of()));
        assertThat(two[0].cluster.questions().rows()).isEqualTo(two[1].server.sessions.get());
        assertThat(sessions(two[1]).rows()).isEqualTo(two[0].server.sessions.get());
        ClusterAnswer<ClusterMember> closed =
                two[0].cluster.questions().close("b2").join();
        assertThat(closed.rows()).extracting(ClusterMember::node).containsExactly(2);
        assertThat(closed.failures()).isEmpty();
        assertThat(two[1].server.closed).containsExactly("b2");
        for (String nobody : List.of("c1", "", "../b1", "x".repeat(1000))) {
            assertThat(two[0].cluster.questions().close(nobody).join())
                    .isEqualTo(new ClusterAnswer<>(List.of(), List.of()));
        }
        assertThat(two[1].server.closed).containsExactlyInAnyOrder("b2", "c1");
    }

    @Test
    void aMemberWithTooManySessionsShowsTheFirst() {
        Node[] two = pair();
        two[1].server.sessions = () -> IntStream.range(0, SessionList.MAX_ROWS + 7)
                .mapToObj(i -> session("b" + i, 2))
                .toList();
        assertThat(sessions(two[0]).rows()).hasSize(SessionList.MAX_ROWS);
        assertThat(sessions(two[0]).failures())
                .containsExactly("node 2 (" + two[1].settings.name() + ") shows 2000 of its 2007 sessions");
        assertThat(two[0].cluster.nodes().get(1).failure()).contains("shows 2000 of its 2007");
    }

    @Test
    void aMemberThatHangsIsNamedAndNotWaitedFor() throws Exception {
        Node[] two = pair();
        CountDownLatch end = new CountDownLatch(1);
        two[1].server.sessions = () -> {
            try {
                end.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of(session("b1", 2));
        };
        String sentence = "node 2 (" + two[1].settings.name() + ") does not answer within 2 s";
        ClusterAnswer<SessionStatus> answer =
                two[0].cluster.questions().sessions().get(30, TimeUnit.SECONDS);
        assertThat(answer).isEqualTo(new ClusterAnswer<>(List.of(), List.of(sentence)));
        assertThat(two[0].cluster.nodes()).extracting(NodeStatus::failure).containsExactly("", sentence);
        end.countDown();
        await("an answer").atMost(LONG).until(() -> sessions(two[0]).failures().isEmpty());
        assertThat(sessions(two[0]).rows()).extracting(SessionStatus::id).containsExactly("b1");
    }

    @Test
    void aMemberOfAnotherVersionIsNamed() throws Exception {
        Node node = node(2, KEY, addresses.get(0));
        awaitSeen(node, 2);
        ForwardLink link = new ForwardLink(
                loops,
                ClusterTls.of(KEY),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), node.settings.forwardPort()));
        NodeQuestion later = new NodeQuestion("GET", "/weather");
        link.send(later);
        assertThat(later.answer().get(30, TimeUnit.SECONDS).status()).isEqualTo(NodeQuestion.NOT_IMPLEMENTED);
        // As a member does that knows no questions.
        NodeQuestion earlier = new NodeQuestion("GET", NodeExchange.FORWARDED);
        link.send(earlier);
        assertThat(earlier.answer()
                        .handle((answer, failure) -> NodeQuestion.reason(failure))
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo("ends without an answer: it may be of another version of httun");
        link.close();
    }

    private static ChannelClosure closure(String channel, long version, int node, ChannelClosure.State state) {
        return new ChannelClosure(channel, version, node, state);
    }

    private static void awaitClosures(Node node, ChannelClosure... all) {
        await("closures").atMost(LONG).untilAsserted(() -> assertThat(node.server.closures())
                .containsExactlyInAnyOrder(all));
    }

    @Test
    void whatIsSaidOfChannelsReachesAllMembersAndThoseThatComeLater() {
        Node[] two = pair();
        ChannelClosure home = closure("home", 1, 1, ChannelClosure.State.DISABLED);
        two[0].server.merge(List.of(home));
        awaitClosures(two[1], home);
        ChannelClosure opened = closure("home", 2, 2, ChannelClosure.State.OPEN);
        two[1].server.merge(List.of(opened));
        awaitClosures(two[0], opened);
        two[1].cluster.close();
        awaitSeen(two[0], 1);
        // Meanwhile both hear of something, and what one has not heard of is said anew.
        ChannelClosure away = closure("away", 1, 1, ChannelClosure.State.DELETED);
        two[0].server.merge(List.of(away));
        Node late = node(3, KEY, addresses.get(1));
        ChannelClosure work = closure("work", 5, 3, ChannelClosure.State.DISABLED);
        late.server.merge(List.of(work, closure("home", 1, 3, ChannelClosure.State.DELETED)));
        awaitClosures(late, opened, away, work);
        awaitClosures(two[0], opened, away, work);
    }

    @Test
    void manyClosuresTakeSeveralMessages() {
        Node[] two = pair();
        List<ChannelClosure> many = IntStream.range(0, 1000)
                .mapToObj(i -> closure("x".repeat(60) + i, 1, 1, ChannelClosure.State.DELETED))
                .toList();
        two[0].server.merge(many);
        awaitClosures(two[1], many.toArray(ChannelClosure[]::new));
    }

    @Test
    void aRequestIsAnsweredByTheMemberThatIsNamedAndItsDeliveryTold() throws Exception {
        Node[] two = pair();
        Told told = new Told();
        String large = "x".repeat(1 << 20);
        two[1].server.answers = request -> {
            String body = request.body().toString(StandardCharsets.UTF_8);
            request.body().release();
            request.carrier().attach("session");
            ByteBuf answer = Unpooled.copiedBuffer(body + request.carrier().peer(), StandardCharsets.UTF_8);
            return CompletableFuture.completedFuture(new TunnelReply(200, List.of(TunnelReply.NO_STORE), answer, told));
        };
        assertThat(two[0].server.forwarder.reaches(2)).isTrue();
        assertThat(two[0].server.forwarder.reaches(1)).isFalse();
        assertThat(two[0].server.forwarder.reaches(3)).isFalse();
        for (String body : List.of("", "hello", large)) {
            TunnelRequest request = request(body);
            TunnelReply reply = two[0].forward(2, request).orElseThrow();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers()).containsExactly(TunnelReply.NO_STORE);
            assertThat(reply.body().toString(StandardCharsets.UTF_8)).isEqualTo(body + "192.0.2.7");
            assertThat(request.carrier().isAuthenticated()).isTrue();
            reply.body().release();
            assertThat(told.written).hasValue(0);
            reply.delivery().written();
            await("delivery").atMost(LONG).until(() -> told.written.get() == 1);
            told.written.set(0);
        }
        TunnelReply lost = two[0].forward(2, request("again")).orElseThrow();
        lost.body().release();
        lost.delivery().failed();
        await("failure").atMost(LONG).until(() -> told.failed.get() == 1);
        assertThat(told.written).hasValue(0);
        assertThat(two[0].cluster.nodes().get(1).sent()).isEqualTo(4);
        assertThat(two[1].cluster.nodes().get(0).received()).isEqualTo(4);
    }

    @Test
    void whoeverDoesNotWaitAnyMoreEndsTheWait() {
        Node[] two = pair();
        CompletableFuture<TunnelReply> never = new CompletableFuture<>();
        two[1].server.answers = request -> {
            request.body().release();
            return never;
        };
        TunnelRequest request = request("");
        CompletableFuture<Optional<TunnelReply>> waiting = two[0].server.forwarder.forward(2, request);
        await("arrival").atMost(LONG).until(() -> two[1].cluster.nodes().get(0).received() == 1);
        waiting.cancel(false);
        await("cancelled").atMost(LONG).until(never::isCancelled);
    }

    @Test
    void whatWaitsAtAMemberThatGoesIsAnsweredAsByNobody() throws Exception {
        Node[] two = pair();
        two[1].server.answers = request -> {
            request.body().release();
            return new CompletableFuture<>();
        };
        CompletableFuture<Optional<TunnelReply>> waiting = two[0].server.forwarder.forward(2, request(""));
        await("arrival").atMost(LONG).until(() -> two[1].cluster.nodes().get(0).received() == 1);
        two[1].cluster.close();
        Optional<TunnelReply> answer = waiting.get(30, TimeUnit.SECONDS);
        // Its connection may end before membership tells: then the client is to come again.
        assertThat(answer.map(TunnelReply::status).orElse(404)).isIn(404, 503);
        awaitSeen(two[0], 1);
        assertThat(two[0].forward(2, request(""))).isEmpty();
    }

    @Test
    void aNumberThatIsTakenIsRefusedByName() {
        Node first = node(1, KEY, addresses.get(0));
        awaitSeen(first, 1);
        Node second = node(1, KEY, addresses.get(1));
        await("refusal").atMost(LONG).until(() -> second.problem()
                .startsWith("node 1 is the number of " + first.settings.name() + " (127.0.0.1:"));
        assertThat(second.cluster.nodes())
                .extracting(NodeStatus::here, NodeStatus::state)
                .containsExactly(tuple(false, DrainStatus.SERVING), tuple(true, NodeStatus.REFUSED));
        assertThat(first.problem()).isEmpty();
        assertThat(first.server.forwarder.reaches(1)).isFalse();
        second.server.node = 2;
        awaitSeen(first, 1, 2);
        assertThat(second.problem()).isEmpty();
    }

    @Test
    void aServerWithoutANumberIsRefused() {
        Node only = node(0, KEY, addresses.get(0));
        await("refusal").atMost(LONG).until(() -> only.problem().startsWith("node of io.httun.server is 0"));
        only.server.node = 4;
        awaitSeen(only, 4);
        assertThat(only.problem()).isEmpty();
    }

    @Test
    void aMemberWithAnotherKeyIsShutOut() {
        Node first = node(1, KEY, addresses.get(0));
        awaitSeen(first, 1);
        Node stranger = node(2, OTHER_KEY, addresses.get(1));
        awaitSeen(stranger, 2);
        assertThat(first.seen()).containsExactly(1);
    }

    @Test
    void whatAStrangerSendsChangesNothing() throws IOException {
        Node first = node(1, KEY, addresses.get(0));
        awaitSeen(first, 1);
        List<Socket> silent = new ArrayList<>();
        for (int port : new int[] {addresses.get(0).getPort(), first.settings.forwardPort()}) {
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                silent.add(socket);
                if (i % 2 == 0) {
                    socket.getOutputStream()
                            .write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
        // Meanwhile a member joins.
        Node second = node(2, KEY, addresses.get(1));
        awaitSeen(first, 1, 2);
        for (Socket socket : silent) {
            socket.setSoTimeout(10_000);
            assertThat(Stream.of(socket).allMatch(ClusterTest::isClosed)).isTrue();
        }
        assertThat(second.seen()).containsExactly(1, 2);
    }

    /** After an alert of TLS at most. */
    private static boolean isClosed(Socket socket) {
        try (socket) {
            return socket.getInputStream().readNBytes(1 << 16).length < 1 << 16;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void membersFindEachOtherThroughAFolder(@TempDir Path folder) {
        List<Node> both = new ArrayList<>();
        for (int number = 1; number <= 2; number++) {
            InetSocketAddress listen = addresses.get(number - 1);
            both.add(new Node(
                    number,
                    new ClusterSettings(KEY, listen, free().getPort(), List.of(), Optional.of(folder), "n" + number)));
        }
        awaitSeen(both.get(0), 1, 2);
        awaitSeen(both.get(1), 1, 2);
    }

    @Test
    void aPortThatIsTakenIsNamedAndTriedAgain() throws IOException {
        Node only;
        try (ServerSocket taken = new ServerSocket(addresses.get(0).getPort(), 1, InetAddress.getLoopbackAddress())) {
            only = node(1, KEY, addresses.get(0));
            await("refusal").atMost(LONG).until(() -> only.problem()
                    .startsWith("cannot join at 127.0.0.1:" + taken.getLocalPort()));
        }
        awaitSeen(only, 1);
        assertThat(only.problem()).isEmpty();
    }
}
