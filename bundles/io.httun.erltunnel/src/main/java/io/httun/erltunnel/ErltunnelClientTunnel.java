// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.Opening;
import io.httun.toolkit.carried.ProgressLimit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** One tunnel at the client: one kept connection, one message at a time, none of them ever repeated. On one event loop. */
final class ErltunnelClientTunnel extends ChannelInboundHandlerAdapter implements Carriage, CarriedClient.Tunnel {
    /** Longer than a system takes to give up a connection; a stock server has no other limit. */
    private static final int GIVE_BACK_SECONDS = 180;

    private final ErltunnelConnectorSettings settings;
    private final InetSocketAddress target;
    private final EventLoop loop;
    private final Opening<ErltunnelConnectorSettings> opening;
    private final CarriedChannel channel;
    private Channel link;
    private BigInteger id;
    private Future<?> poll;
    private ProgressLimit limit;
    private long pause = Polls.FAST_MILLIS;
    private long sentAt;
    private int dataBytes = Polls.MAX_DATA;
    private boolean busy;
    private boolean over;
    /** A stock server crashes on a reset right after it has answered an open, so the answer is always awaited. */
    private boolean asked;
    /** No message goes out until the application has read what came. */
    private boolean stalled;

    ErltunnelClientTunnel(Opening<ErltunnelConnectorSettings> opening, InetSocketAddress target) {
        this.settings = opening.settings();
        this.target = target;
        this.loop = opening.loop();
        this.opening = opening;
        this.channel = new CarriedChannel(CarriedChannel.Side.CLIENT, target, this);
        loop.register(channel);
    }

    @Override
    public CarriedChannel channel() {
        return channel;
    }

    @Override
    public void start() {
        busy = true;
        opening.dial().addListener((FutureListener<Channel>) connected -> {
            if (!connected.isSuccess()) {
                fail((RefusedException) connected.cause());
            } else if (over) {
                connected.getNow().close();
            } else {
                link = connected.getNow();
                link.pipeline().addLast(new HttpResponseDecoder(), new HttpObjectAggregator(Polls.MAX_BODY), this);
                link.config().setAutoRead(true);
                asked = true;
                send(
                        Terms.open(link.alloc(), target.getAddress().getAddress(), target.getPort()),
                        settings.connectSeconds());
            }
        });
    }

    /** @param term ownership passes */
    private void send(ByteBuf term, int seconds) {
        busy = true;
        if (poll != null) {
            poll.cancel(false);
        }
        // The headers of the stock client, in its order: a stock server looks for Content-Length in these letters.
        String head = "POST " + settings.route().uri("/") + " HTTP/1.1\r\nHost: "
                + (settings.route().proxy().isPresent()
                        ? settings.route().server()
                        : settings.route().server().host())
                + "\r\nUser-Agent: Erlang-Client\r\nContent-Length: " + term.readableBytes() + "\r\n"
                + (settings.route().proxy().isPresent() ? "Proxy-Connection: keep-alive\r\n" : "")
                + settings.route().logins() + "\r\n";
        link.write(ByteBufUtil.writeAscii(link.alloc(), head));
        link.writeAndFlush(term);
        limit = ProgressLimit.start(loop, seconds, this::unsent, () -> fail("no answer within " + seconds + " s"));
    }

    // Answers

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        FullHttpResponse response = (FullHttpResponse) message;
        try {
            if (over && !busy) {
                return;
            }
            limit.cancel();
            busy = false;
            asked = false;
            if (response.decoderResult().isFailure()) {
                fail("its answer is no HTTP");
            } else if (response.status().code() != 200) {
                fail("it answered " + response.status());
            } else {
                answered(Terms.read(response.content()));
            }
        } catch (TermException e) {
            fail(e.getMessage());
        } finally {
            ReferenceCountUtil.release(response);
        }
    }

    private void answered(Message message) {
        if (id == null && message instanceof Message.Ok ok) {
            id = ok.id();
            if (opening.succeed(channel)) {
                next(0);
            } else {
                // It is not wanted any more: give it back.
                channel.kick();
            }
        } else if (id == null && message instanceof Message.Failed) {
            fail(new RefusedException(
                    Cause.CONNECTION_REFUSED,
                    settings.route() + ": the server cannot connect to " + NetUtil.toSocketAddressString(target)));
        } else if (message instanceof Message.Data data && data.id().equals(id)) {
            data(data.bytes());
        } else if (message instanceof Message.Close close && close.id().equals(id)) {
            id = null;
            end();
            channel.peerEnded();
        } else {
            fail("it answered with a message that does not belong here");
        }
    }

    private void data(ByteBuf bytes) {
        int length = bytes.readableBytes();
        boolean held = System.nanoTime() - sentAt > Polls.LONGEST_HOLD_NANOS / 2;
        dataBytes = held ? Polls.LEAST_DATA : Math.min(Polls.MAX_DATA, 2 * dataBytes);
        channel.offer(bytes.retainedSlice());
        channel.offerComplete();
        next(length);
    }

    /** Asks on: at once while bytes come, less and less often when none do. */
    private void next(int received) {
        channel.kick();
        stalled = channel.isFull();
        if (busy || over || id == null || stalled) {
            return;
        }
        if (received > 0) {
            pause = Polls.FAST_MILLIS;
            message();
        } else {
            poll = loop.schedule(this::pollNow, pause, TimeUnit.MILLISECONDS);
            pause = Math.min(2 * pause, Polls.SLOW_MILLIS);
        }
    }

    private void pollNow() {
        if (!busy && !over && id != null && !channel.isFull()) {
            message();
        }
    }

    /** Sends what is there, or a poll; the server may answer a poll late, so nothing else waits behind it for long. */
    private void message() {
        sentAt = System.nanoTime();
        ByteBuf out = Terms.data(link.alloc(), id, channel.hasOutput() ? dataBytes : 0);
        int start = out.writerIndex();
        channel.take(dataBytes, bytes -> {
            out.writeBytes(bytes);
            bytes.release();
        });
        if (out.writerIndex() > start) {
            Terms.setLength(out, start);
            pause = Polls.FAST_MILLIS;
        }
        send(out, settings.answerSeconds());
    }

    // The channel's carriage

    @Override
    public void outputReady() {
        if (id == null || busy || over) {
            return;
        }
        // The answer may bring as many bytes as the message carries, and needs room.
        stalled = channel.isOpen() && channel.isFull();
        if (stalled) {
            return;
        }
        if (channel.hasOutput()) {
            message();
        } else if (channel.isDrained()) {
            over = true;
            send(Terms.close(link.alloc(), id), settings.answerSeconds());
        }
    }

    @Override
    public void inputWanted() {
        if (stalled) {
            stalled = false;
            channel.kick();
            pollNow();
        }
    }

    @Override
    public long unsent() {
        return Carriage.unsentOn(link);
    }

    @Override
    public void closed(boolean aborted) {
        if (asked) {
            loop.schedule(this::end, GIVE_BACK_SECONDS, TimeUnit.SECONDS);
        } else if (id == null || link == null) {
            end();
        } else {
            channel.whenStuck(settings.answerSeconds(), this::end);
        }
    }

    /** With an end rather than a reset, on which a stock server dies. */
    private void end() {
        over = true;
        if (poll != null) {
            poll.cancel(false);
        }
        if (limit != null) {
            limit.cancel();
        }
        if (link != null) {
            link.close();
        }
    }

    private void fail(String why) {
        fail(new RefusedException(Cause.FAILED, settings.route() + ": " + why));
    }

    private void fail(RefusedException why) {
        id = null;
        opening.fail(channel, why);
        if (!asked) {
            end();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        asked = false;
        if (!over) {
            fail("it closed the connection");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        ctx.close();
    }
}
