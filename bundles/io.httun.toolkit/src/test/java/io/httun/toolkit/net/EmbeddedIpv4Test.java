// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedIpv4Test {
    private static InetAddress address(String text) {
        return Network.literal(text).orElseThrow();
    }

    private static InetAddress v6(byte... bytes) throws UnknownHostException {
        return InetAddress.getByAddress(bytes);
    }

    private static InetAddress v4(int bits) throws UnknownHostException {
        return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(bits).array());
    }

    /** The table of RFC 6052 section 2.2, position by position. */
    private static byte[] translated(int bits, byte[] prefix, int v4) {
        byte[] address = new byte[16];
        System.arraycopy(prefix, 0, address, 0, bits / 8);
        int[] places =
                switch (bits) {
                    case 32 -> new int[] {4, 5, 6, 7};
                    case 40 -> new int[] {5, 6, 7, 9};
                    case 48 -> new int[] {6, 7, 9, 10};
                    case 56 -> new int[] {7, 9, 10, 11};
                    case 64 -> new int[] {9, 10, 11, 12};
                    default -> new int[] {12, 13, 14, 15};
                };
        for (int i = 0; i < places.length; i++) {
            address[places[i]] = (byte) (v4 >>> 24 - 8 * i);
        }
        return address;
    }

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.of(32, 40, 48, 56, 64, 96);
    }

    @Property(tries = 2000)
    void findsTheAddressBehindAPrefixOfEveryLength(
            @ForAll("lengths") int bits, @ForAll @Size(12) byte[] random, @ForAll int v4) throws UnknownHostException {
        byte[] prefix = random.clone();
        prefix[0] = 0x2a;
        prefix[8] = 0;
        Network network = Network.around(v6(translated(bits, prefix, 0)), bits);
        EmbeddedIpv4 embedded = EmbeddedIpv4.withNat64("nat64.prefixes", List.of(network.toString()));
        InetAddress address = v6(translated(bits, prefix, v4));
        assertThat(embedded.forms(address)).startsWith(address).contains(v4(v4));
        byte[] outside = translated(bits, prefix, v4);
        outside[0] = 0x2b;
        assertThat(embedded.forms(v6(outside))).startsWith(v6(outside)).doesNotContain(v4(v4 ^ 1));
    }

    @Property(tries = 500)
    void findsTheAddressInEveryWellKnownForm(@ForAll int v4, @ForAll @Size(8) byte[] prefix, @ForAll boolean universal)
            throws UnknownHostException {
        String text = NetUtil.bytesToIpAddress(v4(v4).getAddress());
        assertThat(EmbeddedIpv4.STANDARD.forms(address("64:ff9b::" + text))).contains(v4(v4));
        assertThat(EmbeddedIpv4.STANDARD.forms(address("::ffff:" + text))).containsExactly(v4(v4));
        if (v4 != 0) {
            assertThat(EmbeddedIpv4.STANDARD.forms(address("64:ff9b:1::" + text)))
                    .contains(v4(v4));
            assertThat(EmbeddedIpv4.STANDARD.forms(
                            v6(translated(48, address("64:ff9b:1::").getAddress(), v4))))
                    .contains(v4(v4));
        }
        if (v4 != 0 && v4 != 1) {
            assertThat(EmbeddedIpv4.STANDARD.forms(address("::" + text))).contains(v4(v4));
        }
        byte[] sixToFour = ByteBuffer.allocate(16)
                .putShort((short) 0x2002)
                .putInt(v4)
                .put(prefix)
                .array();
        assertThat(EmbeddedIpv4.STANDARD.forms(v6(sixToFour))).contains(v4(v4));
        byte[] teredo = ByteBuffer.allocate(16)
                .putInt(0x2001_0000)
                .putInt(~v4)
                .putInt(0)
                .putInt(~v4)
                .array();
        assertThat(EmbeddedIpv4.STANDARD.forms(v6(teredo))).contains(v4(v4), v4(~v4));
        byte[] isatap = ByteBuffer.allocate(16)
                .put(prefix)
                .putInt(universal ? 0x0200_5efe : 0x5efe)
                .putInt(v4)
                .array();
        assertThat(EmbeddedIpv4.STANDARD.forms(v6(isatap))).contains(v4(v4));
    }

    @Property(tries = 500)
    void addressesOfIpv4AndOrdinaryOnesStandForThemselves(@ForAll int v4, @ForAll @Size(14) byte[] rest)
            throws UnknownHostException {
        assertThat(EmbeddedIpv4.STANDARD.forms(v4(v4))).containsExactly(v4(v4));
        byte[] ordinary =
                ByteBuffer.allocate(16).putShort((short) 0x2a00).put(rest).array();
        ordinary[8] |= 0x10;
        assertThat(EmbeddedIpv4.STANDARD.forms(v6(ordinary))).containsExactly(v6(ordinary));
    }

    @ParameterizedTest
    @CsvSource({
        // The examples of RFC 6052 section 2.4.
        "2001:db8::/32,2001:db8:c000:221::",
        "2001:db8:100::/40,2001:db8:1c0:2:21::",
        "2001:db8:122::/48,2001:db8:122:c000:2:2100::",
        "2001:db8:122:300::/56,2001:db8:122:3c0:0:221::",
        "2001:db8:122:344::/64,2001:db8:122:344:c0:2:2100:0",
        "2001:db8:122:344::/96,2001:db8:122:344::192.0.2.33"
    })
    void readsTheExamplesOfTheRfc(String prefix, String address) {
        assertThat(EmbeddedIpv4.withNat64("nat64.prefixes", List.of(prefix)).forms(address(address)))
                .containsExactly(address(address), address("192.0.2.33"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2a00::/33", "2a00::/128", "10.0.0.0/8", "x", "2a00::1/96"})
    void refusesWhatIsNoPrefixOfATranslator(String prefix) {
        assertThatThrownBy(() -> EmbeddedIpv4.withNat64("nat64.prefixes", List.of(prefix)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nat64.prefixes = " + prefix);
    }

    @Test
    void unspecifiedAndLoopbackAreNotCompatibleAddresses() {
        assertThat(EmbeddedIpv4.STANDARD.forms(address("::1"))).containsExactly(address("::1"));
        assertThat(EmbeddedIpv4.STANDARD.forms(address("::"))).containsExactly(address("::"));
    }
}
