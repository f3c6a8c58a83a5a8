// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TunnelReplyTest {
    @Test
    void refusalsAllLookTheSameAndMayBeReleasedByEveryEndpoint() {
        for (int endpoint = 0; endpoint < 3; endpoint++) {
            TunnelReply refused = TunnelReply.refused();
            assertThat(refused.status()).isEqualTo(404);
            assertThat(refused.headers()).containsExactly(Map.entry("cache-control", "no-store"));
            assertThat(refused.body().readableBytes()).isZero();
            refused.delivery().written();
            refused.delivery().failed();
            refused.body().release();
        }
    }

    @Test
    void unavailableTellsWhenToTryAgain() {
        assertThat(TunnelReply.unavailable().status()).isEqualTo(503);
        assertThat(TunnelReply.unavailable().headers()).contains(Map.entry("retry-after", "1"));
    }

    @Test
    void aBareReplyHasWhatItWasGiven() {
        TunnelReply reply = TunnelReply.bare(408, List.of(TunnelReply.NO_STORE));
        assertThat(reply.status()).isEqualTo(408);
        assertThat(reply.headers()).containsExactly(TunnelReply.NO_STORE);
        assertThat(reply.body().isReadable()).isFalse();
    }

    @Test
    void aRequestShowsNeitherQueryNorAuthorization() {
        TunnelRequest request = new TunnelRequest(
                "POST",
                "/7/w/0000000001",
                "m=secret",
                "Basic c2VjcmV0",
                Unpooled.wrappedBuffer(new byte[5]),
                new Carrier());
        assertThat(request).hasToString("POST /7/w/0000000001 (5 bytes)");
    }
}
