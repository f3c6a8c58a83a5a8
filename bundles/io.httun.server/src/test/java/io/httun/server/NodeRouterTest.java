// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.cluster.NodeForwarder;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeRouterTest {
    private static final int HERE = 1;
    private static final int THERE = 2;
    private static final int NOBODY = 3;

    private final TestServer server = new TestServer(Map.of("node", HERE));
    private final List<Integer> forwarded = new CopyOnWriteArrayList<>();
    private CompletableFuture<Optional<TunnelReply>> answer = answered(TunnelReply.refused());

    @BeforeEach
    void start() {
        server.channel();
        server.server.router().forwardBy(new NodeForwarder() {
            @Override
            public boolean reaches(int node) {
                return node == THERE;
            }

            @Override
            public CompletableFuture<Optional<TunnelReply>> forward(int node, TunnelRequest request) {
                forwarded.add(node);
                assertThat(request.body().refCnt()).isPositive();
                return answer;
            }
        });
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static CompletableFuture<Optional<TunnelReply>> answered(TunnelReply reply) {
        return CompletableFuture.completedFuture(Optional.of(reply));
    }

    private static TestClient client(TestServer server, int node) {
        TestClient client = new TestClient(server, TestClient.stock());
        client.serialsOfNode(node);
        return client;
    }

    @Test
    void aRequestOfAnotherNodesSessionIsAnsweredThere() throws Exception {
        TunnelReply there = TunnelReply.bare(200, List.of());
        answer = answered(there);
        ByteBuf body = Unpooled.buffer().writeLong(0);
        TunnelRequest request = new TunnelRequest("POST", "/7/w/0200000000", "", "", body, new Carrier());
        assertThat(server.asking(request).join()).isSameAs(there);
        assertThat(forwarded).containsExactly(THERE);
        assertThat(body.refCnt()).isZero();
    }

    @Test
    void aRequestForThisNodeOrForOneThatIsGoneIsDecidedHere() throws Exception {
        for (int node : new int[] {HERE, NOBODY, 0}) {
            assertThat(client(server, node).init().status()).isEqualTo(200);
        }
        assertThat(forwarded).isEmpty();
    }

    @Test
    void aSerialThatNamesAnotherNodeByChanceDoesNotEndItsSession() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.stock());
        client.serialsOfNode(THERE);
        assertThat(client.confirm().status()).isEqualTo(200);
        assertThat(forwarded).as("nobody expected it").containsExactly(THERE);
        assertThat(client.confirm().status()).isEqualTo(200);
        assertThat(forwarded).as("now it is expected").hasSize(1);
    }

    @Test
    void anInitThatADrainedNodeRefusesIsAnsweredHere() throws Exception {
        answer = answered(TunnelReply.unavailable(5));
        assertThat(client(server, THERE).init().status()).isEqualTo(200);
        assertThat(forwarded).containsExactly(THERE);
    }

    @Test
    void otherRequestsThatTheNodeCannotTakeNowComeAgain() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.stock());
        client.serialsOfNode(THERE);
        answer = answered(TunnelReply.unavailable());
        assertThat(client.confirm()).isEqualTo(TunnelReply.unavailable());
    }

    @Test
    void aNodeThatIsGoneMeanwhileAnswersAsToAStranger() throws Exception {
        answer = CompletableFuture.completedFuture(Optional.empty());
        TunnelRequest request = new TunnelRequest(
                "POST", "/7/w/0200000000", "", "", Unpooled.buffer().writeLong(0), new Carrier());
        assertThat(server.asking(request).join()).isEqualTo(TunnelReply.refused());
    }

    @Test
    void whatIsForwardedHereGoesNoFurther() throws Exception {
        TunnelRequest request = new TunnelRequest(
                "POST", "/7/w/0200000000", "", "", Unpooled.buffer().writeLong(0), new Carrier());
        assertThat(new NodeServerComponent(server.server)
                        .handleHere(request)
                        .toCompletableFuture()
                        .join())
                .isEqualTo(TunnelReply.refused());
        assertThat(forwarded).isEmpty();
    }

    @Test
    void whoeverDoesNotWaitAnyMoreEndsTheWaitThere() {
        answer = new CompletableFuture<>();
        ByteBuf body = Unpooled.buffer().writeLong(0);
        TunnelRequest request = new TunnelRequest("POST", "/7/w/0200000000", "", "", body, new Carrier());
        server.asking(request).cancel(false);
        assertThat(answer).isCancelled();
        assertThat(body.refCnt()).isZero();
    }
}
