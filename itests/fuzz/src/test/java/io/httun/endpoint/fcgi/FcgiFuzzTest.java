// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Whatever comes from a web server: the connection stands or is closed, and nothing is left behind. */
class FcgiFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void connection(byte[] input) {
        Serving serving = new Serving(
                request -> {
                    request.body().release();
                    return CompletableFuture.completedFuture(TunnelReply.refused());
                },
                FcgiEndpointSettings.read(Map.of("path", "")));
        EmbeddedChannel channel = new EmbeddedChannel(new FcgiConnection(serving));
        int half = input.length / 2;
        channel.writeInbound(Unpooled.copiedBuffer(input, 0, half));
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(input, half, input.length - half));
        }
        channel.checkException();
        channel.releaseOutbound();
        channel.finishAndReleaseAll();
        if (serving.waiting() != 0 || !serving.isIdle()) {
            throw new AssertionError(serving.waiting() + " requests are left");
        }
    }
}
