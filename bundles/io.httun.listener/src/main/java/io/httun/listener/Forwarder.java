// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Serves the requests for plain {@code http://} of one client, one after the other. The connection to the last target is
 * kept as long as the client asks for the same one. Everything happens on the client's event loop.
 */
final class Forwarder implements RelayConnection.Opening {
    private final HttpNegotiation owner;
    private final ChannelHandlerContext client;
    private Channel upstream;
    private Target target;
    private HttpRequest request;
    private boolean active;
    private boolean reused;
    private boolean bodyless;
    private boolean requestDone;
    private boolean responseStarted;
    private boolean keepClient;
    private boolean keepUpstream;

    Forwarder(HttpNegotiation owner, ChannelHandlerContext client) {
        this.owner = owner;
        this.client = client;
    }

    /** Starts an exchange; the parts of the body come as {@link #content}. */
    void begin(HttpRequest received, ForwardTarget to) {
        active = true;
        requestDone = false;
        responseStarted = false;
        keepClient = HttpUtil.isKeepAlive(received);
        bodyless = HttpUtil.getContentLength(received, 0L) == 0 && !HttpUtil.isTransferEncodingChunked(received);
        request = Rewriting.request(received, to, owner.http().forwardUpgrade(), via(received, isStream()));
        reused = upstream != null && upstream.isActive() && to.target().equals(target);
        if (reused) {
            upstream.write(request);
            return;
        }
        drop();
        target = to.target();
        open();
    }

    private void open() {
        if (owner.isOurselves(target)) {
            refuseLoop();
            return;
        }
        owner.hold();
        owner.client().connection().open(target, this);
    }

    private String via(HttpMessage message, boolean stream) {
        return HopByHop.via(message, stream, owner.client().parts().pseudonym());
    }

    private boolean isStream() {
        return client.channel() instanceof Http2StreamChannel;
    }

    @Override
    public void opened(Channel connected) {
        if (owner.leadsBack(connected)) {
            BulkSockets.reset(connected);
            refuseLoop();
            return;
        }
        upstream = connected;
        owner.client().connection().watch(connected);
        long idle = owner.settings().relay().policy().idle().toMillis();
        if (idle > 0) {
            connected.pipeline().addLast(new IdleStateHandler(0, 0, idle, TimeUnit.MILLISECONDS));
        }
        connected.pipeline().addLast(new HttpClientCodec(), new Responses());
        connected.config().setAutoRead(client.channel().isWritable());
        connected.write(request);
        owner.resume();
        flush();
    }

    private void refuseLoop() {
        owner.answer(client, EndCause.DENIED, HttpResponseStatus.FORBIDDEN, Negotiation.LOOP);
    }

    @Override
    public void refused(Cause cause) {
        owner.refused(cause);
    }

    /** A part of the request's body; released by the caller. */
    void content(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (upstream != null && active && !requestDone) {
            requestDone = last;
            upstream.write(content.retain());
            if (last) {
                upstream.flush();
                // The next request waits for the end of this one's response.
                owner.hold();
            } else {
                client.channel().config().setAutoRead(upstream.isWritable());
            }
        }
    }

    void flush() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    void clientWritabilityChanged() {
        if (upstream != null) {
            upstream.config().setAutoRead(client.channel().isWritable());
        }
    }

    void clientGone() {
        active = false;
        drop();
    }

    private void drop() {
        if (upstream != null) {
            upstream.close();
            upstream = null;
        }
    }

    private void response(HttpResponse received) {
        if (received.decoderResult().isFailure()) {
            failed("the target sent no HTTP");
            return;
        }
        responseStarted = true;
        boolean delimited = HttpUtil.isTransferEncodingChunked(received) || HttpUtil.isContentLengthSet(received);
        boolean bodiless = request.method().equals(HttpMethod.HEAD)
                || received.status().equals(HttpResponseStatus.NO_CONTENT)
                || received.status().equals(HttpResponseStatus.NOT_MODIFIED);
        keepUpstream = HttpUtil.isKeepAlive(received) && (delimited || bodiless);
        client.write(Rewriting.response(received, bodiless, keepClient, via(received, false)));
    }

    private void responseDone(Future<?> written) {
        active = false;
        if (!requestDone || !keepUpstream) {
            drop();
        }
        if (requestDone && keepClient) {
            owner.nextRequest(client);
        } else {
            owner.finish(client, written);
        }
    }

    /** Both sides speak another protocol from now on. */
    private void switchProtocols(HttpResponse received) {
        client.writeAndFlush(Rewriting.switching(received));
        Channel joined = upstream;
        active = false;
        upstream = null;
        HttpClientCodec codec = joined.pipeline().get(HttpClientCodec.class);
        // It lets bytes out from now on, but keeps what it read until it is removed.
        codec.prepareUpgradeFrom(joined.pipeline().context(codec));
        owner.relayUpgraded();
        joined.pipeline().remove(Responses.class);
        if (joined.pipeline().get(IdleStateHandler.class) != null) {
            joined.pipeline().remove(IdleStateHandler.class);
        }
        // Last, as it hands on what the target has sent of the new protocol already.
        joined.pipeline().remove(codec);
    }

    private void failed(String why) {
        if (!active) {
            drop();
        } else if (responseStarted) {
            active = false;
            drop();
            owner.client().connection().end(EndCause.TARGET_FAILED, why);
        } else if (reused && bodyless && isRepeatable()) {
            // A kept connection may end at any time, also while a request is on its way (RFC 9112 section 9.3.1).
            drop();
            reused = false;
            requestDone = true;
            openAgain();
        } else {
            active = false;
            drop();
            owner.answer(client, EndCause.TARGET_FAILED, HttpResponseStatus.BAD_GATEWAY, "the target broke off");
        }
    }

    private boolean isRepeatable() {
        HttpMethod method = request.method();
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS);
    }

    private void openAgain() {
        owner.client().connection().open(target, new RelayConnection.Opening() {
            @Override
            public void opened(Channel connected) {
                Forwarder.this.opened(connected);
                if (upstream != null) {
                    upstream.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
                    owner.hold();
                }
            }

            @Override
            public void refused(Cause cause) {
                Forwarder.this.refused(cause);
            }
        });
    }

    /** What the target answers. */
    private final class Responses extends ChannelInboundHandlerAdapter {
        private boolean informational;
        private HttpResponse switching;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (ctx.channel() != upstream || !active) {
                ReferenceCountUtil.release(message);
            } else if (message instanceof HttpResponse response) {
                if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                    if (request.headers().contains(HttpHeaderNames.UPGRADE)) {
                        switching = response;
                    } else {
                        failed("the target changed the protocol unasked");
                    }
                } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                    informational = true;
                    client.writeAndFlush(Rewriting.informational(response));
                } else {
                    response(response);
                }
            } else if (message instanceof HttpContent content) {
                content(content);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        private void content(HttpContent content) {
            boolean last = content instanceof LastHttpContent;
            if (switching != null) {
                content.release();
                switchProtocols(switching);
            } else if (informational || !responseStarted) {
                informational &= !last;
                content.release();
            } else if (content.decoderResult().isFailure()) {
                content.release();
                failed("the target sent no HTTP");
            } else if (last) {
                responseDone(client.writeAndFlush(content));
            } else {
                client.write(content, client.voidPromise());
                if (!client.channel().isWritable()) {
                    client.flush();
                    upstream.config().setAutoRead(client.channel().isWritable());
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            client.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel() == upstream && active && !requestDone) {
                client.channel().config().setAutoRead(ctx.channel().isWritable());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (ctx.channel() != upstream) {
                return;
            }
            if (event instanceof ChannelInputShutdownEvent) {
                failed("the target ended within its response");
            } else if (event instanceof IdleStateEvent && active && !responseStarted) {
                active = false;
                drop();
                owner.answer(
                        client, EndCause.IDLE, HttpResponseStatus.GATEWAY_TIMEOUT, "the target did not answer in time");
            } else if (event instanceof IdleStateEvent) {
                failed("the target stopped within its response");
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (ctx.channel() == upstream) {
                failed("the target broke off");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            if (ctx.channel() == upstream) {
                failed("the target's connection failed: " + failure.getMessage());
            }
        }
    }
}
