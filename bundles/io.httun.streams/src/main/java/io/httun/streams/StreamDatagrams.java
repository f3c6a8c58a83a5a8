// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.target.Target;
import io.httun.toolkit.datagram.CarriedDatagrams;
import io.httun.toolkit.datagram.TargetDatagrams;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams at the client: one stream for each target, of which the one that was silent for longest gives way to the 257th. A datagram that its
 * stream does not take at once is lost. On one event loop.
 */
final class StreamDatagrams implements CarriedDatagrams.Carrier {
    /** Targets at once: what a resolver or a browser with QUIC needs. */
    static final int TARGETS = 256;

    /** RFC 4787 section 4.3 (REQ-5) demands 2 minutes at least of whoever keeps state for UDP. */
    static final long IDLE_SECONDS = 120;

    private static final Logger LOG = LoggerFactory.getLogger(StreamDatagrams.class);
    private static final long CHECK_SECONDS = 30;

    /** Until a target that the server refused is asked for again, so that a burst does not ask for each of its datagrams. */
    private static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Opens streams. */
    interface Opener {
        /** @param requested gets the stream once its request is on its way */
        void open(StreamRequest request, Consumer<Channel> requested, Promise<Channel> answered);
    }

    private final EventLoop loop;
    private final Opener opener;
    private final CarriedDatagrams channel = new CarriedDatagrams(this);
    private final Map<InetSocketAddress, Flow> flows = new LinkedHashMap<>(16, 0.75f, true);
    private final Future<?> check;

    StreamDatagrams(EventLoop loop, Opener opener) {
        this.loop = loop;
        this.opener = opener;
        this.check = loop.scheduleWithFixedDelay(this::closeIdle, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    CarriedDatagrams channel() {
        return channel;
    }

    @Override
    public void send(DatagramPacket packet) {
        InetSocketAddress target = packet.recipient();
        Flow flow = flows.get(target);
        if (flow == null || flow.isOver()) {
            flow = new Flow(target);
            flows.put(target, flow);
            closeEldest();
            flow.open();
        }
        flow.send(packet.content());
    }

    @Override
    public void flush() {
        flows.values().forEach(Flow::flush);
    }

    @Override
    public void closed() {
        check.cancel(false);
        List.copyOf(flows.values()).forEach(Flow::close);
        flows.clear();
    }

    private void closeEldest() {
        if (flows.size() > TARGETS) {
            var eldest = flows.entrySet().iterator();
            Flow flow = eldest.next().getValue();
            eldest.remove();
            flow.close();
        }
    }

    private void closeIdle() {
        List<Flow> idle = flows.values().stream().filter(Flow::isIdle).toList();
        flows.values().removeAll(idle);
        idle.forEach(Flow::close);
    }

    private long now() {
        return loop.ticker().nanoTime();
    }

    /** One target, from the first datagram on. */
    private final class Flow {
        private final InetSocketAddress target;
        private final Promise<Channel> answered = loop.newPromise();
        private final List<ByteBuf> early = new ArrayList<>();
        private Channel stream;
        private boolean unflushed;
        private boolean over;
        private long since = now();

        Flow(InetSocketAddress target) {
            this.target = target;
        }

        void open() {
            Target wanted = target.isUnresolved()
                    ? Target.of(target.getHostString(), target.getPort())
                    : Target.of(target.getAddress(), target.getPort());
            answered.addListener((FutureListener<Channel>) answer -> {
                if (answer.isSuccess()) {
                    InetSocketAddress sender = target.isUnresolved()
                            ? StreamAnswer.peer(answer.getNow()).orElse(target)
                            : target;
                    answer.getNow().pipeline().addLast(new Capsules(), new FromTarget(sender));
                    answer.getNow().config().setAutoRead(true);
                } else {
                    LOG.debug("Datagrams refused: {}", answer.cause().getMessage());
                    over();
                }
            });
            opener.open(new StreamRequest.Datagrams(wanted), this::requested, answered);
        }

        private void requested(Channel opened) {
            stream = opened;
            opened.closeFuture().addListener(closed -> over());
            early.forEach(this::write);
            early.clear();
            stream.flush();
        }

        private void over() {
            over = true;
            since = now();
            early.forEach(ByteBuf::release);
            early.clear();
        }

        /** Whether its stream has ended and another one may be asked for. */
        boolean isOver() {
            return over && (answered.isSuccess() || now() - since > REFUSED_NANOS);
        }

        boolean isIdle() {
            return now() - since > TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
        }

        /** Takes ownership. */
        void send(ByteBuf datagram) {
            boolean fits = datagram.readableBytes() <= Capsules.MAX_DATAGRAM;
            if (!over) {
                since = now();
            }
            if (!over && fits && stream != null && stream.isWritable()) {
                write(datagram);
            } else if (!over && fits && stream == null && early.size() < TargetDatagrams.EARLY) {
                early.add(datagram);
            } else {
                datagram.release();
            }
        }

        private void write(ByteBuf datagram) {
            stream.write(Capsules.datagram(stream.alloc(), datagram));
            unflushed = true;
        }

        void flush() {
            if (unflushed) {
                unflushed = false;
                stream.flush();
            }
        }

        void close() {
            over();
            answered.cancel(false);
            if (stream != null) {
                stream.close();
            }
        }

        private final class FromTarget extends SimpleChannelInboundHandler<ByteBuf> {
            private final InetSocketAddress sender;

            FromTarget(InetSocketAddress sender) {
                this.sender = sender;
            }

            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf datagram) {
                since = now();
                channel.receive(new DatagramPacket(datagram.retain(), null, sender));
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                channel.receiveComplete();
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
                LOG.debug("A stream of datagrams ends", failure);
                ctx.close();
            }
        }
    }
}
