// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.LocalNetworks.Assigned;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSetTest {
    private static final List<String> DEFAULT_DENY = List.of(
            "loopback",
            "private",
            "link-local",
            "multicast",
            "reserved",
            "cloud-metadata",
            "this-host",
            "local-networks");

    private final AtomicLong clock = new AtomicLong();
    private final List<Assigned> assigned = new ArrayList<>();
    private boolean unreadable;
    private final LocalNetworks local = new LocalNetworks(this::interfaces, clock::get);

    private List<Assigned> interfaces() throws IOException {
        if (unreadable) {
            throw new IOException("not now");
        }
        return List.copyOf(assigned);
    }

    private static InetAddress address(String text) {
        return Network.literal(text).orElseThrow();
    }

    private static NetworkSet set(String... elements) {
        return NetworkSet.parse("sources", List.of(elements));
    }

    private boolean isDenied(String address) {
        NetworkSet deny = NetworkSet.parse("deny", DEFAULT_DENY, local);
        return EmbeddedIpv4.STANDARD.forms(address(address)).stream().anyMatch(deny::contains);
    }

    @Test
    void holdsAddressesAndNetworks() {
        NetworkSet list = set("127.0.0.0/8", "10.1.0.0/20", "fd00::/8", "192.0.2.7");
        assertThat(List.of("127.9.9.9", "10.1.15.255", "fd12::1", "192.0.2.7", "::ffff:192.0.2.7"))
                .allMatch(list::contains);
        assertThat(List.of("128.0.0.1", "10.1.16.0", "fe00::1", "192.0.2.8", "", "nonsense"))
                .noneMatch(list::contains);
        assertThat(set("any").contains("")).isTrue();
        assertThat(list.find(address("10.1.2.3"))).contains("10.1.0.0/20");
    }

    @Test
    void knowsLoopback() {
        assertThat(set("127.0.0.0/8", "::1").isLoopback()).isTrue();
        assertThat(set("127.0.0.1").isLoopback()).isTrue();
        assertThat(set("loopback").isLoopback()).isTrue();
        assertThat(List.of(
                        set("any"), set("0.0.0.0/0"), set("::/0"), set("10.0.0.1"), set("126.0.0.0/7"), set("private")))
                .noneMatch(NetworkSet::isLoopback);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0/33", "10.0.0", "x", "10.0.0.0/", "10.0.0.0/-1", "::1/129", "10.0.0.1/8", "Public"})
    void refusesWhatIsNoElement(String element) {
        assertThatThrownBy(() -> set("loopback", element))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sources = " + element)
                .hasMessageContaining("words are any, public, loopback, private, link-local, multicast, reserved,"
                        + " cloud-metadata, this-host, local-networks");
    }

    /** The IANA special-purpose address registries of 2025, without the blocks that users may connect to; first and last addresses. */
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0,0.255.255.255",
        "10.0.0.0,10.255.255.255",
        "100.64.0.0,100.127.255.255",
        "127.0.0.0,127.255.255.255",
        "169.254.0.0,169.254.255.255",
        "172.16.0.0,172.31.255.255",
        "192.0.0.0,192.0.0.255",
        "192.0.2.0,192.0.2.255",
        "192.31.196.0,192.31.196.255",
        "192.52.193.0,192.52.193.255",
        "192.88.99.0,192.88.99.255",
        "192.168.0.0,192.168.255.255",
        "192.175.48.0,192.175.48.255",
        "198.18.0.0,198.19.255.255",
        "198.51.100.0,198.51.100.255",
        "203.0.113.0,203.0.113.255",
        "224.0.0.0,239.255.255.255",
        "240.0.0.0,255.255.255.255",
        "::,::1",
        "64:ff9b:1::,64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        "100::,100::1:ffff:ffff:ffff:ffff",
        "2001:1::,2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:1::1,2001:1::3",
        "2001:2::,2001:2:0:ffff:ffff:ffff:ffff:ffff",
        "2001:3::,2001:3:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:4:112::,2001:4:112:ffff:ffff:ffff:ffff:ffff",
        "2001:10::,2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:20::,2001:2f:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:30::,2001:3f:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2620:4f:8000::,2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
        "3fff::,3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
        "5f00::,5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fc00::,fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fe80::,febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fec0::,feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ff00::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        // IPv4 addresses within IPv6 addresses
        "::ffff:10.0.0.1,::ffff:127.0.0.1",
        "::10.0.0.1,::169.254.169.254",
        "64:ff9b::7f00:1,64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1,2002:c0a8:101::1",
        "2001:0:909:909::f5ff:fffe,2001:0:a00:1::f6f6:f6f6",
        "2a00:1:2:3:0:5efe:10.0.0.1,2a00:1:2:3:200:5efe:192.168.0.1",
        // Metadata of clouds
        "169.254.169.254,fd00:ec2::254",
        "100.100.100.200,192.0.0.192",
        "168.63.129.16,64:ff9b::168.63.129.16"
    })
    void theDefaultDeniesTheSpecialPurposeRegistries(String first, String last) {
        assertThat(List.of(first, last)).allMatch(this::isDenied);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0.0.0",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.0.3.0",
                "192.88.98.255",
                "192.167.255.255",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "168.63.129.17",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2a00::1",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "::8.8.8.8",
                "2001:0:909:909::f6f6:f6f6",
                "2a00:1:2:3:0:5efe:9.9.9.9"
            })
    void theDefaultAllowsWhatIsPublic(String address) {
        assertThat(isDenied(address)).isFalse();
        assertThat(NetworkSet.parse("allow", List.of("public"), local).contains(address(address)))
                .isTrue();
    }

    @Test
    void theDefaultDeniesThisHostAndItsNeighbours() {
        assigned.add(new Assigned(address("11.22.33.44"), 24));
        assigned.add(new Assigned(address("2a00:1:2:3::4"), 64));
        assertThat(List.of("11.22.33.44", "11.22.33.45", "2a00:1:2:3::4", "2a00:1:2:3:ffff::1", "64:ff9b::11.22.33.44"))
                .allMatch(this::isDenied);
        assertThat(List.of("11.22.34.1", "2a00:1:2:4::1")).noneMatch(this::isDenied);
        NetworkSet host = NetworkSet.parse("deny", List.of("this-host"), local);
        assertThat(List.of("11.22.33.44", "2a00:1:2:3::4", "127.0.0.9", "::", "0.0.0.0"))
                .allMatch(host::contains);
        assertThat(List.of("11.22.33.45", "2a00:1:2:3::5")).noneMatch(host::contains);
        assertThat(NetworkSet.parse("allow", List.of("public"), local).contains("11.22.33.44"))
                .isFalse();
    }

    @Test
    void followsTheInterfacesAndKeepsTheirLastAddresses() {
        assertThat(isDenied("11.22.33.44")).isFalse();
        assigned.add(new Assigned(address("11.22.33.44"), 32));
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(999));
        assertThat(isDenied("11.22.33.44")).isFalse();
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(isDenied("11.22.33.44")).isTrue();
        unreadable = true;
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(isDenied("11.22.33.44")).isTrue();
        assertThat(isDenied("9.9.9.9")).isFalse();
    }

    @Test
    void everyAddressMayBeThisHostsWhileNoInterfaceHasBeenRead() {
        unreadable = true;
        assertThat(isDenied("9.9.9.9")).isTrue();
    }

    @Test
    void anInterfaceWithoutAPrefixIsNotTheWholeWorld() {
        assigned.add(new Assigned(address("11.22.33.44"), 0));
        assertThat(isDenied("11.22.33.44")).isTrue();
        assertThat(isDenied("9.9.9.9")).isFalse();
    }

    @Test
    void readsTheInterfacesOfThisMachine() {
        NetworkSet host = set("this-host");
        assertThat(host.contains("127.0.0.1")).isTrue();
        assertThat(set("local-networks").contains("127.0.0.1")).isTrue();
        assertThat(host.contains("203.0.113.77")).isFalse();
    }

    @Test
    void aWholeFamilyOfAddressesIsOpenToEveryone() {
        assertThat(NetworkSet.parse("x", List.of("any")).holdsAll()).isTrue();
        assertThat(NetworkSet.parse("x", List.of("10.0.0.0/8", "0.0.0.0/0")).holdsAll())
                .isTrue();
        assertThat(NetworkSet.parse("x", List.of("::/0")).holdsAll()).isTrue();
        assertThat(NetworkSet.parse("x", List.of("0.0.0.0/1", "2000::/3")).holdsAll())
                .isFalse();
        assertThat(NetworkSet.parse("x", List.of("0.0.0.0/0")).contains("")).isFalse();
    }
}
