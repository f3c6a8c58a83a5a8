// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.testrig.DelayRelay;
import io.httun.testrig.TunnelRig;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Windows at a distance, beside readers that have stopped, and many of them. */
@Timeout(180)
class FlowControlTest {
    private static final Duration LONG = Duration.ofSeconds(120);

    private final StreamRig both = new StreamRig();

    @AfterEach
    void close() throws IOException {
        both.close();
    }

    private long largestGain() {
        return both.atClientEnd.stream()
                .mapToLong(pipe -> pipe.attr(GrowingWindows.KEY).get().gained())
                .max()
                .orElse(0);
    }

    /** 40 MiB/s at 40 ms are 1.6 MiB in flight. */
    @Test
    void theWindowOfAStreamGrowsWithTheDistance() throws Exception {
        DelayRelay line = new DelayRelay(both.server.port(), 20);
        both.rig.closing(line);
        both.server = Target.of(InetAddress.getLoopbackAddress(), line.port());
        byte[] piece = new byte[1 << 20];
        int target = both.rig.target(socket -> {
            while (true) {
                socket.getOutputStream().write(piece);
            }
        });
        try (Socket socket = TunnelRig.dial(both.rig.local(both.connector, "127.0.0.1:" + target))) {
            TunnelRig.daemon(() -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()));
            await().atMost(LONG).until(() -> largestGain() + PipeCodec.FIRST_STREAM_WINDOW >= 2 << 20);
        }
        await().until(() -> largestGain() == 0);
    }

    @Test
    void aHundredReadersBesideOneThatNeverReads() throws Exception {
        byte[] much = new byte[1 << 20];
        int endless = both.rig.target(socket -> {
            while (true) {
                socket.getOutputStream().write(much);
            }
        });
        int once = both.rig.target(socket -> socket.getOutputStream().write(much));
        EventLoop loop = both.rig.loops().group().next();
        Channel silent = both.connector
                .connect(Target.parse("127.0.0.1:" + endless), loop)
                .awaitUninterruptibly()
                .getNow();
        int port = both.rig.local(both.connector, "127.0.0.1:" + once);
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Long> bytes = new CompletableFuture<>();
            readers.add(bytes);
            TunnelRig.daemon(() -> {
                try (Socket socket = TunnelRig.dial(port);
                        InputStream in = socket.getInputStream()) {
                    bytes.complete(in.transferTo(OutputStream.nullOutputStream()));
                } catch (IOException e) {
                    bytes.completeExceptionally(e);
                }
            });
        }
        for (CompletableFuture<Long> bytes : readers) {
            assertThat(bytes.get()).isEqualTo(much.length);
        }
        assertThat(silent.isOpen()).isTrue();
        silent.close();
    }

    @Test
    void tenThousandIdleStreams() {
        int all = 10_000;
        both.targets = new SilentTargets();
        Target wanted = Target.of(InetAddress.getLoopbackAddress(), 1);
        long before = memory();
        List<Channel> open = new ArrayList<>();
        for (int done = 0; done < all; done += 500) {
            List<Future<Channel>> opening = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                opening.add(
                        both.connector.connect(wanted, both.rig.loops().group().next()));
            }
            for (Future<Channel> one : opening) {
                open.add(one.awaitUninterruptibly().getNow());
            }
        }
        assertThat(open).doesNotContainNull().hasSize(all);
        System.out.printf(
                "10,000 idle streams: %.1f KiB each at each end, half of both%n", (memory() - before) / 2048.0 / all);
        assertThat(both.connector.streams()).isEqualTo(all);
        assertThat(both.pipes.get()).isLessThanOrEqualTo(2);
        open.forEach(Channel::close);
        await().atMost(LONG).until(() -> both.connector.streams() == 0 && both.origin.open() == 0);
    }

    /** Targets without sockets, of which a test has too few. */
    private static final class SilentTargets implements TargetConnector {
        @Override
        public boolean takesNames() {
            return false;
        }

        @Override
        public Future<Channel> connect(Target target, EventLoop loop) {
            CarriedChannel channel = new CarriedChannel(CarriedChannel.Side.CLIENT, LocalAddress.ANY, new Carriage() {
                @Override
                public void outputReady() {
                    // Nothing is taken.
                }

                @Override
                public void inputWanted() {
                    // There is none.
                }

                @Override
                public void closed(boolean aborted) {
                    // Nobody is told.
                }
            });
            Promise<Channel> promise = loop.newPromise();
            loop.register(channel).addListener(registered -> promise.setSuccess(channel));
            return promise;
        }
    }

    private static long memory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + Math.max(0, PlatformDependent.usedDirectMemory());
    }
}
