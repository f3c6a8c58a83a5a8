// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.tun.TunPort;
import io.httun.tun.TunEngine.Ending;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Routes into a device, and those around it. */
class EngineRoutesTest extends EngineRig {
    private void uplink() {
        host.sh("ip link add eth9 type veth peer name far && ip link set eth9 up && ip link set far up"
                + " && ip addr add 192.0.2.2/24 dev eth9 && ip route add default via 192.0.2.1"
                + " && ip -6 addr add 2001:db8::2/64 dev eth9 nodad && ip -6 route add default via 2001:db8::1");
    }

    private static InetAddress address(String text) {
        return Prefix.parse("test", text).address();
    }

    @Test
    void routesEverythingButItsServerAndPutsItBack() {
        uplink();
        String before = host.sh("ip route; ip -6 route show default; ip -6 route show 2001:db8::/32");
        TunEngine engine = works(start("routes", "0.0.0.0/0,::/0"));
        TunPort port = engine.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7"), address("2001:db8:7::7")));
        assertThat(host.sh("ip route get 198.51.100.7")).contains("via 192.0.2.1 dev eth9");
        assertThat(host.sh("ip route get 2001:db8:7::7")).contains("via 2001:db8::1 dev eth9");
        assertThat(host.sh("ip route get 198.51.100.8; ip route get 1.1.1.1; ip route get 203.0.113.1"))
                .doesNotContain("dev eth9");
        assertThat(host.sh("ip route get 2001:db8:7::8")).contains("dev tun-test");
        assertThat(engine.routes().toString())
                .contains("destination=0.0.0.0/1, via=, device=tun-test, kind=tunnel")
                .contains("destination=198.51.100.7/32, via=192.0.2.1,");
        port.route(List.of(address("198.51.100.9")));
        assertThat(host.sh("ip route")).contains("198.51.100.9").doesNotContain("198.51.100.7");
        port.close();
        assertThat(host.sh("ip route; ip -6 route show default; ip -6 route show 2001:db8::/32"))
                .isEqualTo(withDevice(before));
    }

    /** The device's own network exists as long as the device. */
    private String withDevice(String before) {
        List<String> lines = new ArrayList<>(List.of(before.split("\n")));
        lines.add(1, "10.9.0.0/24 dev tun-test proto kernel scope link src 10.9.0.1 ");
        return String.join("\n", lines) + '\n';
    }

    @Test
    void keepsTheNextHopOfTheOtherFamily() {
        host.sh("ip link add eth9 type veth peer name far && ip link set eth9 up && ip link set far up"
                + " && ip addr add 192.0.2.2/32 dev eth9 && ip -6 addr add 2001:db8::2/64 dev eth9 nodad"
                + " && ip -4 route add default via inet6 2001:db8::1 dev eth9");
        String before = host.sh("ip route");
        TunEngine engine = works(start("addresses", "", "routes", "0.0.0.0/0"));
        TunPort port = engine.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7")));
        assertThat(host.sh("ip route get 198.51.100.7")).contains("via inet6 2001:db8::1 dev eth9");
        assertThat(engine.routes().toString()).contains("destination=198.51.100.7/32, via=2001:db8::1,");
        host.sh("ip -4 route replace default nexthop via inet6 2001:db8::77 dev eth9 nexthop via inet6 2001:db8::78"
                + " dev eth9");
        await().untilAsserted(() ->
                assertThat(host.sh("ip route get 198.51.100.7")).contains("via inet6 2001:db8::77 dev eth9"));
        host.sh("ip -4 route replace default via inet6 2001:db8::1 dev eth9");
        port.close();
        assertThat(host.sh("ip route")).isEqualTo(before);
    }

    @Test
    void followsTheWayOutside() {
        uplink();
        TunEngine engine = works(start("routes", "0.0.0.0/0"));
        engine.attach("client office", batch -> {}).route(List.of(address("198.51.100.7")));
        host.sh("ip route replace default via 192.0.2.77");
        await().untilAsserted(
                        () -> assertThat(host.sh("ip route get 198.51.100.7")).contains("via 192.0.2.77"));
    }

    @Test
    void putsBackAtTheNextStartWhatACrashLeft() {
        uplink();
        TunEngine crashed = works(start("routes", "0.0.0.0/0"));
        crashed.attach("client office", batch -> {}).route(List.of(address("198.51.100.7")));
        // The state after a crash: routes and journal remain, without a shutdown.
        String journal = read(folder.resolve("journal"));
        crashed.stop(Ending.KEEP);
        write(folder.resolve("journal"), journal);
        assertThat(host.sh("ip route")).contains("0.0.0.0/1 dev tun-test", "198.51.100.7");
        works(start("routes", "0.0.0.0/0"));
        assertThat(host.sh("ip route")).doesNotContain("0.0.0.0/1", "198.51.100.7");
    }

    @Test
    void keepsRoutesForASuccessor() {
        uplink();
        TunEngine first = works(startBefore(true, "routes", "0.0.0.0/0"));
        TunPort port = first.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7")));
        String routes = host.sh("ip route");
        port.close();
        first.stop(Ending.KEEP);
        works(start("routes", "0.0.0.0/0"));
        assertThat(host.sh("ip route").replace(" linkdown", "")).isEqualTo(routes);
    }

    @Test
    void refusesToCutItsServerOff() {
        TunPort port = works(start("routes", "198.51.100.7/32")).attach("client office", batch -> {});
        assertThatThrownBy(() -> port.route(List.of(address("198.51.100.7"))))
                .isInstanceOf(HttunException.class)
                .hasMessage("routes: 198.51.100.7/32 would route the tunnel's own connections into the tunnel"
                        + " and break it; remove this route");
    }

    @Test
    void leavesTheRoutesOfOthersAlone() {
        uplink();
        host.sh("ip route add 10.20.0.0/16 via 192.0.2.1");
        TunEngine engine = works(start("routes", "10.20.0.0/16,10.30.0.0/16"));
        engine.attach("client office", batch -> {}).route(List.of());
        assertThat(host.sh("ip route")).contains("10.20.0.0/16 via 192.0.2.1", "10.30.0.0/16 dev tun-test");
        assertThat(engine.routes()).hasSize(1);
        assertThat(engine.problem()).isEmpty();
        assertThat(engine.status().problem())
                .isEqualTo("routes: another route to 10.20.0.0/16 exists; remove it or this one");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
