// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.Opening;
import io.httun.toolkit.carried.ProgressLimit;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FutureListener;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Sequential requests on a kept connection, which is opened again if the server has closed it in between. */
final class ClientLink {
    /** Receives the answer to one request. */
    interface Answer {
        /** A piece of a 200's body; ownership passes. */
        void data(ByteBuf bytes);

        /** The answer is complete. */
        void done(int status, String text);

        /** There is none, or only a part of one. */
        void failed(RefusedException why);
    }

    private record Request(String method, List<ByteBuf> body, int length, Answer answer) {}

    private static final int MAX_TEXT = 200;

    private final Opening<BridgeConnectorSettings> opening;
    private final BridgeConnectorSettings settings;
    private final String id;
    private Channel channel;
    private Request request;
    private ProgressLimit limit;
    private long received;
    private boolean answered;
    private boolean again;
    private boolean closed;

    ClientLink(Opening<BridgeConnectorSettings> opening, String id) {
        this.opening = opening;
        this.settings = opening.settings();
        this.id = id;
    }

    /** Whether a request is in progress. */
    boolean isBusy() {
        return request != null;
    }

    /** @param body ownership passes */
    void send(String method, List<ByteBuf> body, int length, int seconds, Answer answer) {
        request = new Request(method, body, length, answer);
        limit = ProgressLimit.start(
                opening.loop(),
                seconds,
                this::progress,
                () -> fail(Cause.TIMED_OUT, "no answer to " + method + " within " + seconds + " s"));
        if (channel != null && channel.isActive()) {
            again = true;
            write();
        } else {
            again = false;
            connect();
        }
    }

    /** Changes while the request goes out or its answer comes in, and while nobody here reads the answer. */
    private long progress() {
        return isPaused() ? System.nanoTime() : received - unsent();
    }

    private boolean isPaused() {
        return channel != null && !channel.config().isAutoRead();
    }

    /** As {@link io.httun.toolkit.carried.Carriage#unsent}. */
    long unsent() {
        return Carriage.unsentOn(channel);
    }

    private void connect() {
        opening.dial().addListener((FutureListener<Channel>) connected -> {
            if (!connected.isSuccess()) {
                if (request != null) {
                    end().failed((RefusedException) connected.cause());
                }
            } else if (closed || request == null || channel != null) {
                connected.getNow().close();
            } else {
                channel = connected.getNow();
                HttpDecoderConfig large = new HttpDecoderConfig().setMaxChunkSize(BulkSockets.READ_BYTES);
                channel.pipeline().addLast(new HttpResponseDecoder(large), new Replies(channel));
                channel.config().setAutoRead(true);
                write();
            }
        });
    }

    private void write() {
        answered = false;
        String head = request.method + ' ' + settings.route().uri(settings.path() + '/' + id) + " HTTP/1.1\r\nHost: "
                + settings.route().server() + "\r\nUser-Agent: httun\r\nAccept: */*\r\n"
                + settings.route().logins()
                + (request.length < 0
                        ? ""
                        : "Content-Length: " + request.length
                                + "\r\nContent-Type: application/x-www-form-urlencoded\r\n")
                + "\r\n";
        channel.write(ByteBufUtil.writeAscii(channel.alloc(), head));
        // Written as they are, and kept only until the connection has taken them.
        request.body.forEach(piece -> channel.write(piece.retain()));
        channel.flush();
    }

    /** Bytes of an answer come only while they have room. */
    void reading(boolean on) {
        if (channel != null) {
            channel.config().setAutoRead(on);
        }
    }

    private Answer end() {
        Request ended = request;
        request = null;
        limit.cancel();
        ended.body.forEach(ReferenceCountUtil::release);
        return ended.answer;
    }

    private void fail(Cause cause, String why) {
        if (request != null) {
            Answer answer = end();
            abandon();
            answer.failed(new RefusedException(cause, settings.route() + ": " + why));
        }
    }

    /** Waits for no answer any more; the next request gets a connection of its own. */
    void abandon() {
        if (request != null) {
            end();
        }
        if (channel != null) {
            Channel old = channel;
            channel = null;
            old.close();
        }
    }

    void close() {
        closed = true;
        abandon();
    }

    private final class Replies extends ChannelInboundHandlerAdapter {
        private final Channel mine;
        private final StringBuilder text = new StringBuilder();
        private int status;
        private boolean keep;

        Replies(Channel mine) {
            this.mine = mine;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (mine != channel || request == null) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpResponse head) {
                head(head);
            }
            if (message instanceof HttpContent content) {
                content(content);
            }
        }

        private void head(HttpResponse head) {
            answered = true;
            status = head.decoderResult().isFailure() ? 0 : head.status().code();
            keep = HttpUtil.isKeepAlive(head);
            text.setLength(0);
        }

        private void content(HttpContent content) {
            received += content.content().readableBytes();
            boolean last = content instanceof LastHttpContent;
            boolean broken = content.decoderResult().isFailure();
            if (status == 200 && request.method.equals("GET")) {
                request.answer.data(content.content());
            } else {
                if (text.length() < MAX_TEXT) {
                    text.append(content.content().toString(StandardCharsets.US_ASCII));
                }
                content.release();
            }
            if (status == 0 || broken) {
                fail(Cause.FAILED, "its answer is no HTTP");
            } else if (last && HttpStatusClass.valueOf(status) != HttpStatusClass.INFORMATIONAL) {
                if (!keep) {
                    mine.close();
                    channel = null;
                }
                end().done(status, text.substring(0, Math.min(MAX_TEXT, text.length())));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                mine.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (mine != channel) {
                return;
            }
            channel = null;
            if (request == null || closed) {
                return;
            }
            if (again && !answered && request.method.equals("GET")) {
                // The server closed a kept connection just then; nothing of an answer has come, and GET may be
                // repeated.
                again = false;
                connect();
            } else {
                fail(Cause.FAILED, "it closed the connection within an answer to " + request.method);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            mine.close();
        }
    }
}
