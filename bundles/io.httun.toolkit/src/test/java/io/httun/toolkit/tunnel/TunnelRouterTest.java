// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TunnelRouterTest {
    private final TunnelRouter router = new TunnelRouter();

    @Test
    void aPathThatNobodyMountedBelongsToTheServer() {
        add("server", Map.of());
        add("bridge", Map.of(TunnelService.PATH, "/bridge"));

        assertThat(ask("/7/r/1")).isEqualTo("server /7/r/1");
        assertThat(ask("/bridge2/1")).isEqualTo("server /bridge2/1");
        assertThat(ask("/bridge/1")).isEqualTo("bridge /1");
        assertThat(ask("/bridge")).isEqualTo("bridge ");
    }

    @Test
    void theMostSpecificMountComesFirst() {
        add("outer", Map.of(TunnelService.PATH, "/a"));
        add("inner", Map.of(TunnelService.PATH, "/a/b"));

        assertThat(ask("/a/b/1")).isEqualTo("inner /1");
        assertThat(ask("/a/c/1")).isEqualTo("outer /c/1");
    }

    @Test
    void ofTwoServersTheOneThatTheFrameworkPrefersAnswers() {
        TunnelService preferred = add("preferred", Map.of("service.ranking", 5, "service.id", 9L));
        add("other", Map.of("service.id", 8L));

        assertThat(ask("/1")).isEqualTo("preferred /1");

        router.remove(preferred);

        assertThat(ask("/1")).isEqualTo("other /1");
    }

    @Test
    void aServiceMovesWithItsPath() {
        add("server", Map.of());
        TunnelService bridge = add("bridge", Map.of(TunnelService.PATH, "/bridge"));

        router.update(bridge, Map.of(TunnelService.PATH, "/other"));

        assertThat(ask("/bridge/1")).isEqualTo("server /bridge/1");
        assertThat(ask("/other/1")).isEqualTo("bridge /1");
    }

    @Test
    void withoutAServerRequestsAreUnavailableAndTheirBodiesReleased() {
        ByteBuf body = Unpooled.buffer(8);

        TunnelReply reply = router.handle(new TunnelRequest("POST", "/1", "", "", body, new Carrier()))
                .toCompletableFuture()
                .join();

        assertThat(router.hasServer()).isFalse();
        assertThat(reply).isEqualTo(TunnelReply.unavailable());
        assertThat(body.refCnt()).isZero();
    }

    private TunnelService add(String name, Map<String, ?> properties) {
        TunnelService service = request -> CompletableFuture.completedFuture(
                TunnelReply.bare(200, List.of(Map.entry("from", name + ' ' + request.path()))));
        router.add(service, properties);
        return service;
    }

    private String ask(String path) {
        return router.handle(new TunnelRequest("GET", path, "", "", Unpooled.EMPTY_BUFFER, new Carrier()))
                .toCompletableFuture()
                .join()
                .headers()
                .get(0)
                .getValue();
    }
}
