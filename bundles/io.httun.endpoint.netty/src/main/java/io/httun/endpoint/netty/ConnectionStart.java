// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;

/** The first bytes of a connection: PROXY header, TLS, and the version of HTTP. */
final class ConnectionStart {
    private static final int MAX_PROXY_TLVS = 4_096;

    private ConnectionStart() {}

    /** @param tls null for a plain connection */
    static void install(ChannelPipeline pipeline, HttpConnection connection, SslContext tls) {
        EndpointSettings settings = connection.server().settings();
        if (settings.proxies().protocol() && connection.isProxy()) {
            pipeline.addLast(new HAProxyMessageDecoder(MAX_PROXY_TLVS), new ProxyHeader(connection));
        }
        if (tls != null) {
            if (tls instanceof JdkSslContext) {
                pipeline.addLast(HeapReads.INSTANCE);
            }
            SslHandler handler = tls.newHandler(pipeline.channel().alloc());
            handler.setHandshakeTimeoutMillis(settings.limits().headSeconds() * 1_000L);
            pipeline.addLast(handler, new Negotiated(connection));
        } else if (settings.http2()) {
            pipeline.addLast(new Preface(connection));
        } else {
            http1(pipeline, connection);
        }
    }

    private static void http1(ChannelPipeline pipeline, HttpConnection connection) {
        StrictRequestDecoder decoder =
                new StrictRequestDecoder(connection.limits().head());
        pipeline.addLast(decoder, new Http1Connection(connection, decoder));
    }

    /** Takes the client's address from a proxy that is named in the configuration. */
    private static final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
        private final HttpConnection connection;

        ProxyHeader(HttpConnection connection) {
            this.connection = connection;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
            String source = header.sourceAddress();
            InetAddress address = source == null ? null : NetUtil.createInetAddressFromIpAddressString(source);
            if (header.command() == HAProxyCommand.PROXY && address != null) {
                connection.comesFrom(address);
            }
            context.pipeline().remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            connection.server().broken(cause);
            context.close();
        }
    }

    /** After the TLS handshake. */
    private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
        private final HttpConnection connection;

        Negotiated(HttpConnection connection) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.connection = connection;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                new Http2Connection(connection).install(context.pipeline());
            } else {
                http1(context.pipeline(), connection);
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            exceptionCaught(context, cause);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            connection.server().broken(cause);
            context.close();
        }
    }

    /** Without TLS: detects HTTP/2 with prior knowledge (RFC 9113 section 3.3). */
    private static final class Preface extends ByteToMessageDecoder {
        private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        private final HttpConnection connection;

        Preface(HttpConnection connection) {
            this.connection = connection;
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int length = Math.min(in.readableBytes(), preface.readableBytes());
            if (!in.slice(in.readerIndex(), length).equals(preface.slice(0, length))) {
                http1(context.pipeline(), connection);
                context.pipeline().remove(this);
            } else if (length == preface.readableBytes()) {
                new Http2Connection(connection).install(context.pipeline());
                context.pipeline().remove(this);
            }
        }

        @Override
        protected void handlerRemoved0(ChannelHandlerContext context) {
            preface.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            connection.server().broken(cause);
            context.close();
        }
    }
}
