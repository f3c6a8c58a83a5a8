// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;

/** From HTTP/1.1 to HTTP/2 on a plain connection (RFC 7540 section 3.2), for a first request without a body. */
final class Http2Upgrade {
    private static final String H2C = Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME.toString();

    private Http2Upgrade() {}

    static boolean isWanted(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, H2C, true)
                && request.headers().contains(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER);
    }

    /** Replaces {@code http1} where that works; where it does not, {@code http1} gets the request as an ordinary one. */
    static void attempt(
            HttpConnection connection,
            ChannelHandlerContext http1,
            StrictRequestDecoder decoder,
            Http1Connection handler,
            HttpRequest request) {
        ChannelPipeline pipeline = http1.pipeline();
        HttpResponseEncoder encoder = new HttpResponseEncoder() {
            @Override
            public boolean acceptOutboundMessage(Object message) {
                return message instanceof HttpResponse;
            }
        };
        pipeline.addBefore(http1.name(), null, encoder);
        HttpServerUpgradeHandler upgrade = new HttpServerUpgradeHandler(
                context -> {
                    pipeline.remove(decoder);
                    pipeline.remove(encoder);
                    pipeline.remove(handler);
                },
                protocol -> {
                    Http2Connection http2 = new Http2Connection(connection);
                    return new Http2ServerUpgradeCodec(http2.codec(), http2.multiplexer(), http2);
                });
        pipeline.addBefore(http1.name(), null, upgrade);
        pipeline.context(encoder).fireChannelRead(request).fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        if (!http1.isRemoved()) {
            pipeline.remove(encoder);
            pipeline.remove(upgrade);
        }
    }
}
