// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunPort;
import io.httun.tun.TunEngine.Ending;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The life of a device. */
class EngineTest extends EngineRig {
    @Test
    void makesTheDeviceAsConfigured() {
        works(start("owner", "nobody"));
        assertThat(host.sh("ip -d addr show tun-test"))
                .contains("mtu 1400", "10.9.0.1/24", "fd09::1/64", "UP", "tun type tun", "persist on", "user nobody");
    }

    @Test
    void leavesTheDeviceToItsSuccessorAndRemovesItWithItsConfiguration() {
        TunEngine first = works(start());
        host.sh("ip addr add 10.99.0.1/32 dev tun-test");
        first.stop(Ending.KEEP);
        String kept = host.sh("ip addr show tun-test");
        assertThat(kept).contains("10.9.0.1/24", "fd09::1/64", "10.99.0.1/32");
        TunEngine second = works(start());
        assertThat(host.sh("ip addr show tun-test")).contains("10.99.0.1/32");
        second.stop(Ending.REMOVE);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
        assertThat(folder.resolve("journal")).doesNotExist();
    }

    @Test
    void neverRemovesADeviceThatItDidNotMake() {
        host.sh("ip tuntap add dev tun-test mode tun && ip addr add 10.99.0.1/32 dev tun-test");
        works(start()).stop(Ending.REMOVE);
        assertThat(host.sh("ip addr show tun-test")).contains("10.99.0.1/32").doesNotContain("10.9.0.1", "fd09::1");
    }

    @Test
    void takesANewConfiguration() {
        TunEngine engine = works(start());
        AtomicInteger changes = new AtomicInteger();
        engine.attach("test", receiver(changes));
        engine.configure(TunDeviceSettings.read(TunPair.properties("10.9.0.7/24", 1500, "queues", 1)));
        await().untilAsserted(() -> assertThat(host.sh("ip addr show tun-test"))
                .contains("mtu 1500", "10.9.0.7/24")
                .doesNotContain("10.9.0.1", "fd09::1"));
        assertThat(engine.mtu()).isEqualTo(1500);
        await().untilAsserted(() -> assertThat(changes).hasPositiveValue());
    }

    @Test
    void removesTheOldDeviceWhenItGetsAnotherName() {
        TunEngine engine = works(start());
        engine.configure(TunDeviceSettings.read(TunPair.properties(ADDRESSES, 1400, "device", "tun-other")));
        await().untilAsserted(() ->
                assertThat(host.sh("ip addr")).contains("tun-other").doesNotContain("tun-test"));
    }

    @Test
    void seesAnMtuThatSomebodyElseSets() {
        TunEngine engine = works(start());
        AtomicInteger changes = new AtomicInteger();
        engine.attach("test", receiver(changes));
        host.sh("ip link set tun-test mtu 1300");
        await().until(() -> engine.mtu() == 1300 && changes.get() > 0);
    }

    @Test
    void makesADeviceAgainThatSomebodyRemoved() {
        TunEngine engine = works(start("routes", "10.20.0.0/16"));
        engine.attach("test", batch -> {}).route(List.of());
        for (int i = 0; i < 3; i++) {
            int index = index();
            host.sh("ip link delete tun-test");
            await().untilAsserted(() -> assertThat(index()).isNotIn(0, index));
            await().untilAsserted(() -> assertThat(engine.problem()).isEmpty());
        }
        assertThat(host.sh("ip addr show tun-test")).contains("10.9.0.1/24", "fd09::1/64");
        assertThat(host.sh("ip route")).contains("10.20.0.0/16 dev tun-test");
    }

    private int index() {
        return host.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return NetworkLink.find(netlink, "tun-test")
                        .map(NetworkLink::index)
                        .orElse(0);
            }
        });
    }

    @Test
    void goesDownWithTheTunnelWhereConfigured() {
        TunEngine engine = works(start("when.disconnected", "down", "routes", "10.20.0.0/16,fd20::/16"));
        TunPort port = engine.attach("test", batch -> {});
        port.route(List.of());
        port.connected(false);
        assertThat(host.sh("ip link show tun-test")).doesNotContain("UP");
        port.connected(true);
        assertThat(host.sh("ip addr show tun-test")).contains("UP", "10.9.0.1/24", "fd09::1/64");
        assertThat(host.sh("ip route; ip -6 route")).contains("10.20.0.0/16", "fd20::/16");
    }

    @Test
    void makesADeviceWhoseNameTakesAllBytes() {
        TunEngine engine = works(start("device", "\u00e9".repeat(7) + '1'));
        assertThat(host.sh("ip -br link")).contains("\u00e9".repeat(7) + '1');
        engine.stop(Ending.REMOVE);
        assertThat(host.sh("ip -br link")).doesNotContain("\u00e9");
    }

    private static PacketReceiver receiver(AtomicInteger changes) {
        return new PacketReceiver() {
            @Override
            public void received(PacketBatch batch) {}

            @Override
            public void changed() {
                changes.incrementAndGet();
            }
        };
    }
}
