// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Decision;
import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPacketFilterTest {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private static IpPacketFilter filter(String rest, String... rules) {
        return new IpPacketFilter(
                Map.of("service.pid", "io.httun.filter.packet~t", "name", "t", "default", rest, "rules", rules));
    }

    private static byte[] packet(int protocol, String from, int fromPort, String to, int toPort) {
        byte[] source = NetUtil.createByteArrayFromIpAddressString(from);
        byte[] destination = NetUtil.createByteArrayFromIpAddressString(to);
        ByteBuffer packet = source.length == 4
                ? ByteBuffer.allocate(28)
                        .put((byte) 0x45)
                        .putShort(2, (short) 28)
                        .put(9, (byte) protocol)
                        .position(12)
                : ByteBuffer.allocate(48)
                        .put((byte) 0x60)
                        .putShort(4, (short) 8)
                        .put(6, (byte) protocol)
                        .position(8);
        return packet.put(source)
                .put(destination)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .array();
    }

    private static boolean allows(IpPacketFilter filter, byte[] packet) {
        byte[] within = new byte[packet.length + 5];
        System.arraycopy(packet, 0, within, 3, packet.length);
        return filter.decide(within, 3, packet.length) instanceof Decision.Allow;
    }

    @ParameterizedTest
    @CsvSource({
        "allow tcp from any to 10.0.0.0/8 port 443, 6, 10.1.2.3, 443, true",
        "allow tcp from any to 10.0.0.0/8 port 443, 6, 10.1.2.3, 444, false",
        "allow tcp from any to 10.0.0.0/8 port 443, 17, 10.1.2.3, 443, false",
        "allow tcp from any to 10.0.0.0/8 port 443, 6, 11.1.2.3, 443, false",
        "allow udp from any to any port 8000-8100, 17, 1.1.1.1, 7999, false",
        "allow udp from any to any port 8000-8100, 17, 1.1.1.1, 8000, true",
        "allow udp from any to any port 8000-8100, 17, 1.1.1.1, 8100, true",
        "allow udp from any to any port 8000-8100, 17, 1.1.1.1, 8101, false",
        "allow any from 192.168.0.0/24 to any, 50, 1.1.1.1, 0, true",
        "allow any from 192.168.1.0/24 to any, 50, 1.1.1.1, 0, false",
        "allow icmp from any to any, 1, 1.1.1.1, 0, true",
        "allow 50 from any to any, 50, 1.1.1.1, 0, true",
        "allow tcp from any port 1000 to any, 6, 1.1.1.1, 5, true",
        "allow tcp from any port 1001 to any, 6, 1.1.1.1, 5, false",
        "allow any from any to fd00::/8, 6, 1.1.1.1, 5, false",
    })
    void rulesMeanWhatTheySay(String rule, int protocol, String to, int port, boolean allowed) {
        assertThat(allows(filter("deny", rule), packet(protocol, "192.168.0.9", 1000, to, port)))
                .isEqualTo(allowed);
    }

    @Test
    void firstRuleThatMatchesDecides() {
        IpPacketFilter filter =
                filter("allow", "allow tcp from any to fd08::1 port 22", "deny any from any to fd08::/64");
        assertThat(allows(filter, packet(TCP, "fd09::1", 5, "fd08::1", 22))).isTrue();
        assertThat(allows(filter, packet(TCP, "fd09::1", 5, "fd08::1", 23))).isFalse();
        assertThat(allows(filter, packet(UDP, "fd09::1", 5, "fd07::1", 23))).isTrue();
        assertThat(filter.filters()).singleElement().satisfies(status -> {
            assertThat(status.rules()).isEqualTo(2);
            assertThat(status.allowed()).isEqualTo(2);
            assertThat(status.denied()).isOne();
        });
    }

    @Test
    void portsBehindExtensionHeadersAreFound() {
        // Destination options (60) of 8 bytes before TCP.
        byte[] tcp = packet(60, "fd09::1", 0, "fd08::1", 0);
        byte[] packet = ByteBuffer.allocate(56)
                .put(tcp, 0, 40)
                .put((byte) TCP)
                .put((byte) 0)
                .position(48)
                .putShort((short) 7)
                .putShort((short) 22)
                .array();
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), packet))
                .isTrue();
        assertThat(allows(filter("allow", "deny tcp from any to any port 22"), packet))
                .isFalse();
        assertThat(allows(filter("allow", "deny tcp from any to any port 23"), packet))
                .isTrue();
    }

    /** Each extension header with the size that its length field states. */
    @ParameterizedTest
    @CsvSource({"0, 1, 16", "43, 0, 8", "51, 4, 24", "60, 2, 24", "44, 0, 8"})
    void portsAreFoundBehindEachExtensionHeader(int header, int lengthField, int size) {
        byte[] packet = ByteBuffer.allocate(40 + size + 4)
                .put(packet(header, "fd09::1", 0, "fd08::1", 0), 0, 40)
                .put((byte) TCP)
                .put((byte) lengthField)
                .position(40 + size)
                .putShort((short) 7)
                .putShort((short) 22)
                .array();
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), packet))
                .isTrue();
        byte[] cut = Arrays.copyOf(packet, packet.length - 1);
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), cut))
                .isFalse();
    }

    @Test
    void portsAreFoundBehindOptionsOfIpv4() {
        byte[] plain = packet(TCP, "10.0.0.1", 5, "10.0.0.2", 22);
        byte[] packet = new byte[28];
        System.arraycopy(plain, 0, packet, 0, 20);
        System.arraycopy(plain, 20, packet, 24, 4);
        packet[0] = 0x46;
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), packet))
                .isTrue();
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), Arrays.copyOf(packet, 27)))
                .isFalse();
    }

    @Test
    void whatHasNoPortsMayBeDeniedButNotAllowedByThem() {
        byte[] fragment = packet(TCP, "10.0.0.1", 5, "10.0.0.2", 22);
        fragment[7] = 1;
        assertThat(allows(filter("allow", "deny tcp from any to any port 22"), fragment))
                .isFalse();
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), fragment))
                .isFalse();
        assertThat(allows(filter("deny", "allow tcp from any to any"), fragment))
                .isTrue();
        byte[] v6Fragment = packet(44, "fd09::1", 0, "fd08::1", 0);
        v6Fragment[40] = TCP;
        v6Fragment[43] = 8;
        assertThat(allows(filter("deny", "allow tcp from any to any port 22"), v6Fragment))
                .isFalse();
        assertThat(allows(filter("deny", "allow tcp from any to any"), v6Fragment))
                .isTrue();
    }

    @Test
    void endlessOrCutHeadersEnd() {
        Random random = new Random(1);
        IpPacketFilter filter = filter("deny", "allow tcp from any to any port 22");
        int allowed = 0;
        for (int i = 0; i < 10_000; i++) {
            byte[] packet = new byte[40 + random.nextInt(300)];
            random.nextBytes(packet);
            packet[0] = 0x60;
            packet[6] = (byte) new int[] {0, 43, 44, 51, 60, 6}[random.nextInt(6)];
            allowed += allows(filter, packet) ? 1 : 0;
        }
        // A random packet has port 22 once in 65,536.
        assertThat(allowed).isLessThan(10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit any from any to any",
                "allow any from any",
                "allow any from 10.0.0.1/8 to any",
                "allow any from x to any",
                "allow 256 from any to any",
                "allow icmp from any to any port 7",
                "allow tcp from any to any port 7-6",
                "allow tcp from any to any port 65536",
            })
    void wrongRulesAreRefusedByName(String rule) {
        assertThatThrownBy(() -> filter("deny", rule))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("io.httun.filter.packet~t: rules = " + rule + ": ");
    }

    @Test
    void wrongChangeKeepsTheOldRules() {
        IpPacketFilter filter = filter("deny", "allow any from any to any");
        filter.modified(Map.of("name", "t", "rules", new String[] {"x"}));
        assertThat(allows(filter, packet(TCP, "10.0.0.1", 5, "10.0.0.2", 22))).isTrue();
    }
}
