// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Target;
import io.httun.testpeers.SelfSigned;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of connections through an https proxy. */
@Timeout(60)
class TlsToProxyTest {
    @TempDir
    Path folder;

    private final UpstreamRig rig;

    TlsToProxyTest() throws IOException {
        rig = new UpstreamRig();
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    /** Answers CONNECT, sends some bytes, and ends the socket with or without a close_notify. */
    private ServerSocket proxy(boolean orderly) throws Exception {
        SSLContext identity = SelfSigned.make(folder, "proxy").context();
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        UpstreamRig.thread(() -> {
            Socket plain = server.accept();
            SSLSocket tls = (SSLSocket) identity.getSocketFactory().createSocket(plain, null, false);
            tls.setUseClientMode(false);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) tls.getInputStream().read());
            }
            tls.getOutputStream().write("HTTP/1.1 200 ok\r\n\r\npart".getBytes(StandardCharsets.US_ASCII));
            if (orderly) {
                tls.shutdownOutput();
            } else {
                plain.shutdownOutput();
            }
            plain.getInputStream().read();
        });
        return server;
    }

    /** The bytes received through the proxy, and how the input ended. */
    private String end(boolean orderly) throws Exception {
        try (ServerSocket proxy = proxy(orderly)) {
            UpstreamConnector connector =
                    rig.connector("proxies", "p=https://127.0.0.1:" + proxy.getLocalPort(), "tls.trust", "none");
            Channel channel = rig.connect(connector, Target.of("192.0.2.1", 80)).getNow();
            CompletableFuture<String> result = new CompletableFuture<>();
            channel.eventLoop().execute(() -> {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    private final StringBuilder got = new StringBuilder();

                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ByteBuf bytes = (ByteBuf) message;
                        got.append(bytes.toString(StandardCharsets.US_ASCII));
                        bytes.release();
                    }

                    @Override
                    public void userEventTriggered(ChannelHandlerContext context, Object event) {
                        if (event instanceof ChannelInputShutdownEvent) {
                            result.complete(got + ", end");
                        }
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        result.complete(got + ", " + cause.getMessage());
                    }
                });
                channel.config().setAutoRead(true);
            });
            String end = result.get(30, TimeUnit.SECONDS);
            channel.close().awaitUninterruptibly();
            return end;
        }
    }

    @Test
    void aCloseNotifyIsAnEnd() throws Exception {
        assertThat(end(true)).isEqualTo("part, end");
    }

    @Test
    void aSocketThatEndsWithoutACloseNotifyIsACut() throws Exception {
        assertThat(end(false)).isEqualTo("part, the connection ended without a close_notify");
    }
}
