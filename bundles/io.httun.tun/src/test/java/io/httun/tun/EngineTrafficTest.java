// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunPort;
import io.httun.api.tunnel.FileWatch;
import io.httun.protocol.IpPacket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Packets, queues and the user of a device. */
class EngineTrafficTest extends EngineRig {
    @Test
    void dropsWhatIsNoPacketAndSaysWhy() {
        TunEngine engine = works(start());
        assertThat(engine.attach("test", batch -> {}).write(garbage())).isZero();
        assertThat(engine.status().drops()).contains("not-ip=1", "truncated=1", "wrong-length=1");
    }

    @Test
    void survivesGarbageThatAProgramSendsThroughTheDevice() {
        TunEngine engine = works(start());
        AtomicInteger received = new AtomicInteger();
        engine.attach("test", batch -> {
            for (int i = 0; i < batch.size(); i++) {
                assertThat(IpPacket.defect(batch.array(i), batch.offset(i), batch.length(i)))
                        .isNull();
                received.incrementAndGet();
            }
        });
        host.run(() -> PacketSocket.flood("tun-test", 2_000));
        await().untilAsserted(() -> assertThat(engine.status().drops()).contains("not-ip=", "wrong-length="));
        received.set(0);
        host.sh("ping -c 1 -W 1 10.9.0.2 || true");
        assertThat(received).hasPositiveValue();
    }

    @Test
    void oneUserAtATime() {
        TunEngine engine = works(start());
        AtomicInteger late = new AtomicInteger();
        TunPort first = engine.attach("channel home", batch -> late.incrementAndGet());
        assertThatThrownBy(() -> engine.attach("channel work", batch -> {}))
                .isInstanceOf(HttunException.class)
                .hasMessage("TUN device test is in use by channel home, and a device has one user: configure another"
                        + " device");
        first.close();
        first.close();
        late.set(0);
        AtomicInteger second = new AtomicInteger();
        engine.attach("channel work", batch -> second.incrementAndGet());
        first.close();
        host.sh("ping -c 1 -W 1 10.9.0.2 || true");
        assertThat(late).hasValue(0);
        assertThat(second).hasPositiveValue();
        PacketBatch ping = new PacketBatch(1);
        ping.add(new byte[40], 0, 40);
        assertThat(first.write(ping)).isZero();
        assertThat(engine.status().drops()).contains("device-down=");
    }

    @Test
    void letsItsUserWaitForThePackets() {
        TunEngine engine = works(start());
        WatchingUser user = new WatchingUser();
        TunPort port = engine.attach("test", user);
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return user.received();
        });
        host.sh("ip link delete tun-test");
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return user.received() && user.watches().size() > 1;
        });
        port.close();
        assertThat(user.watches()).noneMatch(WatchingUser.Watch::isActive);
        AtomicInteger second = new AtomicInteger();
        engine.attach("another", batch -> second.incrementAndGet());
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return second.get() > 0;
        });
    }

    @Test
    void deliversOnAfterAnErrorOfItsUser() {
        TunEngine engine = works(start());
        AtomicInteger received = new AtomicInteger();
        engine.attach("test", new PacketReceiver() {
            @Override
            public void received(PacketBatch batch) {
                if (received.getAndAdd(batch.size()) == 0) {
                    throw new NoClassDefFoundError("of a bundle that was updated");
                }
            }

            @Override
            public Optional<FileWatch> watch(int fd, Runnable readable) {
                throw new IllegalStateException("has no event loop any more");
            }
        });
        await().untilAsserted(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            assertThat(received).hasValueGreaterThan(2);
        });
        assertThat(engine.status().drops()).contains("fault=");
        assertThat(engine.problem()).isEmpty();
    }

    @Test
    void opensAgainWhenOneOfItsQueuesFails() throws IOException {
        TunEngine engine = works(start("queues", 2));
        engine.attach("test", batch -> {});
        List<Integer> queues = queues();
        assertThat(queues).hasSize(2);
        int other = LibC.open("/", 0);
        // Reading from a directory fails.
        assertThat(Namespace.Calls.dup2(other, queues.get(1))).isEqualTo(queues.get(1));
        await().untilAsserted(() -> {
            host.sh("for i in $(seq 2 40); do ping -c 1 -W 0.01 10.9.0.$i || true; done");
            assertThat(queues()).hasSize(2);
        });
        LibC.close(other);
        assertThat(engine.problem()).isEmpty();
    }

    /** The device's descriptors in this process. */
    private static List<Integer> queues() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fdinfo"))) {
            return files.filter(file -> {
                        try {
                            return Files.readString(file).contains("iff:\ttun-test\n");
                        } catch (IOException e) {
                            // Closed since the listing.
                            return false;
                        }
                    })
                    .map(file -> Integer.valueOf(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }
}
