// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.toolkit.http2.Http2ByteStream;
import io.httun.toolkit.tls.TlsEnd;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;

/** Removes the codec of a negotiation's protocol from its pipeline. */
final class NegotiationHandlers {
    private NegotiationHandlers() {}

    /** Removes the decoders once the request is complete; they pass their buffered bytes on to the negotiation. */
    static void removeDecoders(ChannelHandlerContext negotiation) {
        remove(negotiation, false);
    }

    /** Removes decoders and encoders once the answer is written. */
    static void removeCodec(ChannelHandlerContext negotiation) {
        remove(negotiation, true);
    }

    private static void remove(ChannelHandlerContext negotiation, boolean encodersToo) {
        ChannelPipeline pipeline = negotiation.pipeline();
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (handler != negotiation.handler()
                    && !isTransport(handler)
                    && (encodersToo || handler instanceof ChannelInboundHandlerAdapter)) {
                pipeline.remove(handler);
            }
        }
    }

    /** Whether the handler belongs to the byte stream below the protocol, and stays as long as the channel. */
    private static boolean isTransport(ChannelHandler handler) {
        return handler instanceof SslHandler || handler instanceof TlsEnd || handler instanceof Http2ByteStream;
    }
}
