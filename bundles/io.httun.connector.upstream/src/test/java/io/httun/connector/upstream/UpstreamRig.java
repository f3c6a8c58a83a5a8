// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.connector.DirectConnector;
import io.httun.runtime.NettyEventLoops;
import io.httun.runtime.OwnSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** An upstream connector over a direct one, with an echo server as target. */
final class UpstreamRig implements NameResolver, AutoCloseable {
    final NettyEventLoops loops = new NettyEventLoops(Map.of("threads", 1));
    final TargetConnector direct = new DirectConnector(loops, Map.of("name", "direct", "connect.seconds", 2));
    final OwnSockets sockets = new OwnSockets();
    private final List<Channel> connected = new CopyOnWriteArrayList<>();
    private final ServerSocket echo;

    UpstreamRig() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        thread(() -> {
            while (true) {
                Socket socket = echo.accept();
                thread(() -> {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                    socket.close();
                });
            }
        });
    }

    interface Work {
        void run() throws IOException;
    }

    /** Ends with its sockets. */
    static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** A proxy that sends the same answer to every request head. */
    static ServerSocket scripted(String answer) throws IOException {
        return new Recorder(answer).server();
    }

    /** A proxy that records the request heads and sends the same answer to each. */
    static final class Recorder {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        private final List<String> heads = new CopyOnWriteArrayList<>();

        Recorder() throws IOException {
            this("HTTP/1.1 200 ok\r\n\r\n");
        }

        Recorder(String answer) throws IOException {
            thread(() -> {
                while (true) {
                    Socket socket = server.accept();
                    thread(() -> serve(socket, answer));
                }
            });
        }

        private void serve(Socket socket, String answer) throws IOException {
            StringBuilder head = new StringBuilder();
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                head.append((char) next);
                if (head.indexOf("\r\n\r\n") > 0) {
                    heads.add(head.toString());
                    head.setLength(0);
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        }

        ServerSocket server() {
            return server;
        }

        int port() {
            return server.getLocalPort();
        }

        List<String> heads() {
            return heads;
        }
    }

    UpstreamConnector connector(Object... properties) {
        Map<String, Object> all = new HashMap<>(Map.of("name", "corp", "connect.seconds", 20));
        for (int i = 0; i < properties.length; i += 2) {
            all.put((String) properties[i], properties[i + 1]);
        }
        return new UpstreamConnector(loops, this, sockets, () -> direct, all);
    }

    static Path secrets(Path folder, String... lines) throws IOException {
        Path file = Files.write(folder.resolve("credentials"), List.of(lines));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    Target echo() {
        return Target.of("127.0.0.1", echo.getLocalPort());
    }

    Future<Channel> connect(UpstreamConnector connector, Target target) {
        Future<Channel> future = connector.connect(target, loops.group().next()).awaitUninterruptibly();
        if (future.isSuccess()) {
            connected.add(future.getNow());
        }
        return future;
    }

    RefusedException refusal(UpstreamConnector connector, Target target) {
        Future<Channel> future = connect(connector, target);
        assertThat(future.isSuccess()).as("unexpectedly connected").isFalse();
        return (RefusedException) future.cause();
    }

    /** Connects to the target and expects its echo. */
    void echoes(UpstreamConnector connector, Target target) {
        Future<Channel> future = connect(connector, target);
        assertThat(future.cause()).isNull();
        Channel channel = future.getNow();
        assertThat(channel.config().isAutoRead()).isFalse();
        CompletableFuture<String> got = read(channel, 5);
        channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
        assertThat(got.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("hello");
        channel.close().awaitUninterruptibly();
    }

    static CompletableFuture<String> read(Channel channel, int length) {
        CompletableFuture<String> result = new CompletableFuture<>();
        StringBuilder got = new StringBuilder();
        channel.eventLoop().execute(() -> {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    ByteBuf buffer = (ByteBuf) message;
                    got.append(buffer.toString(StandardCharsets.ISO_8859_1));
                    buffer.release();
                    if (got.length() >= length) {
                        result.complete(got.toString());
                    }
                }

                @Override
                public void channelInactive(ChannelHandlerContext context) {
                    result.completeExceptionally(new IOException("closed after '" + got + "'"));
                }
            });
            channel.config().setAutoRead(true);
        });
        return result;
    }

    @Override
    public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
        return host.endsWith(".test")
                ? executor.newSucceededFuture(List.of(NetUtil.LOCALHOST4))
                : executor.newFailedFuture(
                        new RefusedException(RefusedException.Cause.UNRESOLVED, "'" + host + "' has no address"));
    }

    @Override
    public void close() throws IOException {
        echo.close();
        // What nobody has read is released when the loop still runs.
        connected.forEach(channel -> channel.close().awaitUninterruptibly());
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
