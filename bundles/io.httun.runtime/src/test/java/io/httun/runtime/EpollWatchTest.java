// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.FileWatch;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpollWatchTest {
    private final NettyEventLoops loops = new NettyEventLoops(Map.of("threads", 1));
    private final EventLoop loop = loops.group().next();
    private final AtomicInteger calls = new AtomicInteger();
    private FileDescriptor event;

    @BeforeEach
    void open() {
        assumeThat(Epoll.isAvailable()).isTrue();
        event = Native.newEventFd();
    }

    @AfterEach
    void end() throws IOException {
        loops.stop();
        if (event != null) {
            event.close();
        }
    }

    private FileWatch watch(Runnable readable) {
        return loops.watch(loop, event.intValue(), readable).orElseThrow();
    }

    private void signal() {
        Native.eventFdWrite(event.intValue(), 1);
    }

    private void read() {
        assertThat(loop.inEventLoop()).isTrue();
        Native.eventFdRead(event.intValue());
        calls.incrementAndGet();
    }

    @Test
    void callsOnTheLoopUntilItIsClosed() {
        FileWatch watch = watch(this::read);
        for (int i = 1; i <= 3; i++) {
            int due = i;
            signal();
            await().until(() -> calls.get() == due);
        }
        assertThat(watch.isActive()).isTrue();
        watch.close();
        watch.close();
        assertThat(watch.isActive()).isFalse();
        signal();
        loop.submit(() -> {}).awaitUninterruptibly();
        assertThat(calls).hasValue(3);
    }

    @Test
    void watchesTheSameFileAgainAndLetsTheReaderEndItself() {
        FileWatch[] first = new FileWatch[1];
        first[0] = watch(() -> {
            read();
            first[0].close();
        });
        signal();
        await().until(() -> !first[0].isActive());
        FileWatch second = watch(this::read);
        signal();
        await().until(() -> calls.get() == 2);
        second.close();
    }

    @Test
    void endsWithAReaderThatFails() {
        FileWatch watch = watch(() -> {
            calls.incrementAndGet();
            throw new IllegalStateException("the device has gone");
        });
        signal();
        await().until(() -> !watch.isActive());
        loop.submit(() -> {}).awaitUninterruptibly();
        assertThat(calls).hasValue(1);
    }

    @Test
    void endsWithItsLoopAndLeavesTheFileOpen() {
        FileWatch watch = watch(this::read);
        loop.submit(() -> {}).awaitUninterruptibly();
        loops.stop();
        assertThat(watch.isActive()).isFalse();
        watch.close();
        signal();
        Native.eventFdRead(event.intValue());
    }

    @Test
    void nioWatchesSocketsOnly() {
        NettyEventLoops nio = new NettyEventLoops(Map.of("transport", "nio"));
        assertThat(nio.watch(nio.group().next(), event.intValue(), this::read)).isEmpty();
        nio.stop();
    }
}
