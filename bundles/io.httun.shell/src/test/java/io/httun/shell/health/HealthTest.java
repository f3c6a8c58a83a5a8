// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthSource;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.TunStatus;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The verdict, and the faults that parts tell of themselves. */
class HealthTest extends HealthRig {
    @Test
    void allIsWell() {
        configured("io.httun.endpoint.fcgi", "default");
        configured("org.apache.karaf.log", "");
        assertThat(problems()).as("a shipped file needs no feature").isEmpty();
    }

    @Test
    void aPartSaysItselfWhatWasRefusedUntilItIsFixed() {
        List<Problem> own = new ArrayList<>(List.of(
                new Problem("a.cfg", "bind = x: must be ADDRESS:PORT", "correct the file, which is not in use")));
        services.add(HealthSource.class, (HealthSource) () -> List.copyOf(own));
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("a.cfg: bind = x: must be ADDRESS:PORT -> correct");
        own.clear();
        assertThat(problems()).isEmpty();
    }

    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<EndpointStatus> endpoints() {
                                return List.of(new EndpointStatus(
                                        "web", "netty", "0.0.0.0:443", "not listening: the port is taken", 0, 0));
                            }
                        },
                        "endpoint web: 0.0.0.0:443: not listening: the port is taken -> correct the configuration"
                                + " io.httun.endpoint.netty"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<EndpointStatus> endpoints() {
                                return List.of(new EndpointStatus("web", "netty", "0.0.0.0:443", "no server", 0, 0));
                            }
                        },
                        "endpoint web: 0.0.0.0:443: no server -> install the feature httun-server, or see what the"
                                + " server waits for"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ReverseStatus> reverses() {
                                return List.of(new ReverseStatus(
                                        "web", "client", "0.0.0.0:80", "x:80", "not listening: denied", 0, 0, 0));
                            }
                        },
                        "reverse web: 0.0.0.0:80 at the server: not listening: denied -> see the client that leads to the"
                                + " server, and reverse.allow of the server's channel, or choose another address in"
                                + " io.httun.reverse"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ListenerStatus> listeners() {
                                return List.of(new ListenerStatus(
                                        "home", "socks", "127.0.0.1:1080", "not listening: taken", 0, 0, 0));
                            }
                        },
                        "listener home: 127.0.0.1:1080: not listening: taken -> free the address, or choose another in"
                                + " its configuration"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ChannelStatus> channels() {
                                return List.of(
                                        client("a", "unreachable: the server answered 404"), client("b", "idle"));
                            }
                        },
                        "client a: unreachable: the server answered 404 -> check urls, id, secret.file and the proxy in"
                                + " io.httun.client, and the server's channel"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ChannelStatus> channels() {
                                return List.of(
                                        client("a", "unreachable: http://h: " + Trouble.SERVER_DOWN),
                                        client("b", "idle"));
                            }
                        },
                        "client a: unreachable: http://h: " + Trouble.SERVER_DOWN),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ProxyStatus> proxies() {
                                return List.of(new ProxyStatus("p1", "corp", "http", "10.0.0.1:3128", "dead", 0, 1));
                            }
                        },
                        "proxy p1: 10.0.0.1:3128 has failed and is left out for now -> start the proxy, or remove it"
                                + " from io.httun.connector.upstream"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<TunStatus> tuns() {
                                return List.of(new TunStatus(
                                        "office", "tun0", "down", 1400, "", "", 0, 0, 0, 0, "", "no permission"));
                            }
                        },
                        "tun office: no permission -> correct the configuration io.httun.tun"));
    }

    private static ChannelStatus client(String name, String state) {
        return new ChannelStatus("client", name, 1, state, 0, 0, 0, 0, 0, 0, 0, 0, "");
    }

    @ParameterizedTest
    @MethodSource("states")
    void aPartThatDoesNotWorkIsNamed(StatusSource part, String problem) {
        services.add(StatusSource.class, part);
        assertThat(problems()).containsExactly(problem);
    }

    @Test
    void aCheckThatFailsHidesNoOther() {
        HealthSource broken = () -> {
            throw new IllegalStateException("gone");
        };
        Problem other = new Problem("a", "b", "c");
        assertThat(new Health(
                                List.of(
                                        Health.check("one", HealthStatus.CRITICAL, broken),
                                        Health.check("other", HealthStatus.CRITICAL, () -> List.of(other))),
                                List::of)
                        .problems())
                .hasSize(2)
                .contains(other);
    }

    @Test
    void aBrokenPartIsWorseThanOneThatGoesOnAsBefore() {
        services.add(HealthSource.class, () -> List.of(new Problem("socks.cfg", "is wrong", "correct it")));
        assertThat(report().status()).isEqualTo(HealthStatus.WARN);
        services.remove(FrameCipher.class);
        assertThat(report().status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(report().checks())
                .filteredOn(check -> check.status() != HealthStatus.OK)
                .extracting(HealthChecks.Result::check)
                .containsExactly("parts", "states");
    }

    private static void awaitUnlessInterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A restart is the remedy: no other check is one of liveness. */
    @Test
    void anEventLoopThatHangsIsNamed() {
        CountDownLatch hanging = new CountDownLatch(1);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        try {
            EventLoops loops = () -> group;
            services.add(EventLoops.class, loops);
            assertThat(new EventLoopProblems(new Services(services.context())).problems())
                    .isEmpty();
            group.next().execute(() -> awaitUnlessInterrupted(hanging));
            assertThat(new EventLoopProblems(new Services(services.context()), 50).problems())
                    .singleElement()
                    .extracting(Problem::what)
                    .isEqualTo("1 of 2 have run nothing for 50 ms");
            assertThat(new Health(new Services(services.context())).checks())
                    .filteredOn(HealthChecks.Check::live)
                    .extracting(HealthChecks.Check::name)
                    .containsExactly("event-loops");
        } finally {
            hanging.countDown();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
