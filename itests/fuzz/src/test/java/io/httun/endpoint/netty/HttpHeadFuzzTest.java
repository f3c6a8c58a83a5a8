// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;

/** Heads of requests, in two pieces. */
class HttpHeadFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void head(byte[] input) {
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(20_480));
        int half = input.length / 2;
        channel.writeInbound(Unpooled.copiedBuffer(input, 0, half));
        channel.writeInbound(Unpooled.copiedBuffer(input, half, input.length - half));
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof HttpRequest request
                    && request.decoderResult().isSuccess()) {
                RequestLine.of(request.method().name(), request.uri());
            }
            ReferenceCountUtil.release(message);
        }
        channel.finishAndReleaseAll();
    }
}
