// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.target.RefusedException;
import io.netty.channel.epoll.Epoll;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeTest {
    private final NettyEventLoops loops = new NettyEventLoops(Map.of("threads", 1));

    @AfterEach
    void end() {
        loops.stop();
        assertThat(loops.group().isTerminated()).isTrue();
    }

    private Future<List<InetAddress>> resolve(DnsResolver resolver, String name) {
        return resolver.resolve(name, loops.group().next()).awaitUninterruptibly();
    }

    private DnsResolver resolver(Object... more) {
        Map<String, Object> properties = new HashMap<>();
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        return new DnsResolver(loops, properties);
    }

    /** A DNS server that knows the A record of a.test only; counts queries for A records. */
    private static DatagramSocket dns(AtomicInteger questions) throws Exception {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                    socket.receive(packet);
                    byte[] answer = answer(packet, questions);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return socket;
    }

    private static byte[] answer(DatagramPacket packet, AtomicInteger questions) {
        byte[] query = packet.getData();
        int end = 12;
        while (query[end] != 0) {
            end += query[end] + 1;
        }
        boolean wantsA = query[end + 2] == 1;
        questions.addAndGet(wantsA ? 1 : 0);
        boolean known = query[12] == 1 && query[13] == 'a';
        ByteBuffer answer = ByteBuffer.allocate(512);
        answer.put(query, 0, 2)
                .putShort((short) (known ? 0x8180 : 0x8183))
                .putShort((short) 1)
                .putShort((short) (known && wantsA ? 1 : 0))
                .putInt(0)
                .put(query, 12, end + 5 - 12);
        if (known && wantsA) {
            answer.putShort((short) 0xc00c)
                    .putShort((short) 1)
                    .putShort((short) 1)
                    .putInt(60);
            answer.putShort((short) 4).put(new byte[] {(byte) 192, 0, 2, 7});
        }
        byte[] bytes = new byte[answer.position()];
        answer.flip().get(bytes);
        return bytes;
    }

    @Test
    void usesEpollWhereItLoadsAndNioWhereAsked() {
        assertThat(Epoll.isAvailable()).isTrue();
        assertThat(loops.transport()).isEqualTo("epoll");
        NettyEventLoops nio = new NettyEventLoops(Map.of("transport", "nio"));
        assertThat(nio.transport()).isEqualTo("nio");
        assertThat(nio.socketChannel().getSimpleName()).isEqualTo("NioSocketChannel");
        nio.stop();
    }

    @Test
    void knowsLocalhostWithoutAnyServer() {
        assertThat(resolve(resolver("resolver.servers", "127.0.0.1:1"), "localhost")
                        .getNow())
                .containsExactly(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6);
        assertThat(resolve(resolver("resolver.addresses", "ipv6-only"), "x.localhost")
                        .getNow())
                .containsExactly(NetUtil.LOCALHOST6);
    }

    @Test
    void keepsBothKindsOfAnswer() throws Exception {
        AtomicInteger questions = new AtomicInteger();
        try (DatagramSocket dns = dns(questions)) {
            DnsResolver resolver = resolver("resolver.servers", "127.0.0.1:" + dns.getLocalPort());
            assertThat(resolve(resolver, "a.test").getNow())
                    .extracting(InetAddress::getHostAddress)
                    .containsExactly("192.0.2.7");
            assertThat(resolve(resolver, "unknown.test").cause())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("'unknown.test' has no address");
            assertThat(questions.get()).isPositive();
            for (String name : List.of("a.test", "unknown.test")) {
                // Netty notifies before it fills its cache.
                await().until(() -> {
                    int before = questions.get();
                    resolve(resolver, name);
                    return questions.get() == before;
                });
            }
        }
    }

    @Test
    void givesUpOnAServerThatDoesNotAnswer() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            DnsResolver resolver =
                    resolver("resolver.servers", "127.0.0.1:" + silent.getLocalPort(), "resolver.timeout.millis", 50);
            assertThat(((RefusedException) resolve(resolver, "a.test").cause()).refusal())
                    .isEqualTo(RefusedException.Cause.UNRESOLVED);
        }
    }

    @Test
    void takesANewServerWithoutARestartAndKeepsTheOldOneOnAWrongConfiguration() throws Exception {
        AtomicInteger questions = new AtomicInteger();
        try (DatagramSocket dns = dns(questions)) {
            DnsResolver resolver = resolver("resolver.servers", "127.0.0.1:1", "resolver.timeout.millis", 50);
            assertThat(resolve(resolver, "a.test").isSuccess()).isFalse();
            resolver.modified(Map.of("resolver.servers", "127.0.0.1:" + dns.getLocalPort()));
            resolver.modified(Map.of("resolver.servers", "nonsense"));
            assertThat(resolve(resolver, "a.test").isSuccess()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "transport | fast | transport = fast: must be auto, epoll or nio",
                "threads | -1 | threads = -1: must be 0 to 1024",
                "resolver.addresses | ipv5 | resolver.addresses = ipv5: must be ipv4-first",
                "resolver.servers | dns.test | resolver.servers = dns.test: must be ADDRESS or ADDRESS:PORT",
                "resolver.servers | 127.0.0.1:x | must be ADDRESS or ADDRESS:PORT",
                "resolver.cache.size | 0 | resolver.cache.size = 0: must be 1"
            })
    void refusesAWrongConfiguration(String property, String value, String message) {
        assertThatThrownBy(() -> RuntimeSettings.read(Map.of(property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void readsServersWithAndWithoutPort() {
        assertThat(RuntimeSettings.read(Map.of("resolver.servers", "::1, [::1]:5353, 10.0.0.1, 10.0.0.1:54"))
                        .resolver()
                        .servers())
                .extracting(server -> server.getPort())
                .containsExactly(53, 5353, 53, 54);
    }
}
