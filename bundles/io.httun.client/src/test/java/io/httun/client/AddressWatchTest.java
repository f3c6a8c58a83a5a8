// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddressWatchTest {
    private static final Set<InetAddress> AT_HOME = Set.of(InetAddress.getLoopbackAddress());

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final BlockingQueue<Integer> changes = new LinkedBlockingQueue<>();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile Set<InetAddress> addresses = AT_HOME;
    private final AddressWatch watch = new AddressWatch(loop, this::look, () -> changes.add(looks.get()));

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Set<InetAddress> look() {
        looks.incrementAndGet();
        return addresses;
    }

    private void watch(boolean wanted) {
        loop.submit(() -> watch.watch(wanted)).syncUninterruptibly();
    }

    @Test
    void tellsEachChangeOnceWhileItWatches() throws InterruptedException {
        watch(true);
        assertThat(looks).hasPositiveValue();
        addresses = Set.of();
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isNotNull();
        int seen = looks.get();
        addresses = AT_HOME;
        assertThat(changes.poll(20, TimeUnit.SECONDS)).isGreaterThan(seen);
        watch(false);
        assertThat(changes).isEmpty();
        int before = looks.get();
        watch(true);
        assertThat(looks).as("compares with what is now").hasValueGreaterThan(before);
        watch(false);
    }

    @Test
    void readsTheHosts() {
        assertThat(AddressWatch.ofHost()).contains(InetAddress.getLoopbackAddress());
    }
}
