// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.EventLoops;
import io.httun.client.LearningClient;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.endpoint.netty.NettyStandalone;
import io.httun.endpoints.EmulatedProxy.Habit;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.ServerUnderTest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client with traffic learns of a path with a bad habit, by itself. */
@Timeout(180)
class PathLearningTest {
    private static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final int CHANNEL = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long MIB = 1 << 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final EventLoops loops = () -> group;
    private final NameResolver names = (host, executor) ->
            executor.newFailedFuture(new RefusedException(RefusedException.Cause.UNRESOLVED, host + " has no address"));
    private final Http2Multiplexer streams = new Http2Multiplexer(loops);
    private final ServerUnderTest server =
            new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), CHANNEL, SECRET);
    private final NettyStandalone endpoint = new NettyStandalone(loops, 0);
    private final AtomicLong carried = new AtomicLong();

    PathLearningTest() {
        server.streams(streams);
        endpoint.serve(server.service());
    }

    @AfterEach
    void close() {
        endpoint.close();
        server.close();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private LearningClient client(String url) {
        return new LearningClient(loops, names, streams, CHANNEL, SECRET, url);
    }

    /** Carries data in both directions until it is cancelled. */
    private Future<Void> traffic(LearningClient client) {
        carried.set(0);
        return client.test(Integer.MAX_VALUE, now -> carried.set(now.bytesFromServer()));
    }

    private void goesOn() {
        long before = carried.get();
        await().atMost(PATIENCE).until(() -> carried.get() > before + MIB);
    }

    /** @param limits a pattern */
    private void learns(Habit habit, String limits) throws IOException {
        try (EmulatedProxy proxy = new EmulatedProxy(habit, endpoint.port());
                LearningClient client = client(proxy.url())) {
            Future<Void> traffic = traffic(client);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(client.path()).matches(limits));
            goesOn();
            traffic.cancel(false);
        }
    }

    @Test
    void oneRequestPerConnection() throws IOException {
        learns(Habit.ONE_REQUEST_PER_CONNECTION, "1 request per connection");
    }

    @Test
    void oneRequestPerConnectionWithoutANotice() throws IOException {
        learns(Habit.CLOSES_AFTER_EACH_REPLY, "1 request per connection");
    }

    @Test
    void fourRequestsAtATime() throws IOException {
        learns(Habit.FOUR_AT_A_TIME, "[4-9] requests at a time");
    }

    @Test
    void smallBodies() throws IOException {
        learns(Habit.LIMIT_64_KIB, "bodies up to 65536 bytes");
    }

    @Test
    void aLimitOfOneMebibyteIsNone() throws IOException {
        try (EmulatedProxy proxy = new EmulatedProxy(Habit.LIMIT_1_MIB, endpoint.port());
                LearningClient client = client(proxy.url())) {
            Future<Void> traffic = traffic(client);
            await().atMost(PATIENCE).until(() -> carried.get() > 64 * MIB);
            assertThat(client.path()).isEmpty();
            // No probe: it would have a session of its own.
            assertThat(server.sessions()).hasSameSizeAs(client.sessions());
            traffic.cancel(false);
        }
    }

    @Test
    void cutsAfterTenSeconds() throws IOException {
        try (EmulatedProxy proxy = new EmulatedProxy(Habit.CUTS_AFTER_10_SECONDS, endpoint.port());
                LearningClient client = client(proxy.url())) {
            Future<Void> traffic = traffic(client);
            goesOn();
            traffic.cancel(false);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(client.path())
                    .matches("connections are closed after (9|10|11) s of silence"));
            traffic = traffic(client);
            goesOn();
            traffic.cancel(false);
        }
    }
}
