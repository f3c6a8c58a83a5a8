// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A small DNS server that records its queries. */
final class DnsServer implements AutoCloseable {
    private record Entry(long ttl, List<InetAddress> addresses) {}

    final List<String> asked = new CopyOnWriteArrayList<>();
    /** Source ports of the queries. */
    final List<Integer> ports = new CopyOnWriteArrayList<>();
    /** Delays the answers to queries of this type. */
    volatile DnsRecordType slow = DnsRecordType.ANY;

    volatile int slowMillis;
    volatile DnsResponseCode failure = DnsResponseCode.NXDOMAIN;
    private final Map<String, Entry> zone = new ConcurrentHashMap<>();
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel channel;

    DnsServer() {
        channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<NioDatagramChannel>() {
                    @Override
                    protected void initChannel(NioDatagramChannel datagrams) {
                        datagrams
                                .pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(), new DatagramDnsResponseEncoder(), new Answers());
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    DnsServer with(String name, long ttl, String... addresses) {
        zone.put(
                name,
                new Entry(
                        ttl,
                        List.of(addresses).stream()
                                .map(NetUtil::createInetAddressFromIpAddressString)
                                .toList()));
        return this;
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    long count(String question) {
        return asked.stream().filter(question::equals).count();
    }

    private final class Answers extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            String name = question.name().substring(0, question.name().length() - 1);
            asked.add(question.type().name() + " " + name);
            ports.add(query.sender().getPort());
            DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            response.setRecursionDesired(query.isRecursionDesired()).setRecursionAvailable(true);
            response.addRecord(DnsSection.QUESTION, question);
            Entry entry = zone.get(name);
            if (entry == null) {
                response.setCode(failure);
            } else {
                entry.addresses().stream()
                        .filter(address -> address instanceof Inet6Address
                                == question.type().equals(DnsRecordType.AAAA))
                        .forEach(address -> response.addRecord(
                                DnsSection.ANSWER,
                                new DefaultDnsRawRecord(
                                        question.name(), question.type(), entry.ttl(), bytes(address))));
            }
            context.executor()
                    .schedule(
                            () -> context.writeAndFlush(response),
                            question.type().equals(slow) ? slowMillis : 0,
                            TimeUnit.MILLISECONDS);
        }

        private static ByteBuf bytes(InetAddress address) {
            return Unpooled.wrappedBuffer(address.getAddress());
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
