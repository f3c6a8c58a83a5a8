// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {
    private static InetAddress address(String text) {
        return Network.literal(text).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.255.255.255,true",
        "10.0.0.0/8,11.0.0.0,false",
        "10.0.0.0/9,10.127.0.1,true",
        "10.0.0.0/9,10.128.0.1,false",
        "192.0.2.7,192.0.2.7,true",
        "192.0.2.7,192.0.2.6,false",
        "0.0.0.0/0,8.8.8.8,true",
        "0.0.0.0/0,::1,false",
        "::/0,2001:db8::1,true",
        "::/0,8.8.8.8,false",
        "2001:db8::/33,2001:db8:7fff::1,true",
        "2001:db8::/33,2001:db8:8000::1,false",
        "2001:db8::/65,2001:db8::7fff:0:0:1,true",
        "2001:db8::/65,2001:db8::8000:0:0:1,false",
        "::ffff:10.0.0.0/104,10.1.2.3,true",
        "::ffff:10.0.0.0/104,11.1.2.3,false",
        "10.0.0.0/8,::ffff:10.1.2.3,true",
        "::/96,10.0.0.1,false",
        "::/96,::10.0.0.1,true"
    })
    void holdsAddresses(String network, String address, boolean held) {
        assertThat(Network.parse(network).contains(address(address))).isEqualTo(held);
        byte[] bytes = address(address).getAddress();
        byte[] packet = new byte[40];
        System.arraycopy(bytes, 0, packet, 8, bytes.length);
        assertThat(Network.parse(network).contains(packet, 8, bytes.length)).isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.0/33 | must have a prefix of 0 to 32 behind the slash",
                "::1/129 | must have a prefix of 0 to 128 behind the slash",
                "10.0.0.0/ | must have a prefix of 0 to 32",
                "10.0.0.0/-1 | must have a prefix of 0 to 32",
                "10.0.0.1/8 | has bits set behind its prefix; the block starts at 10.0.0.0/8",
                "2001:db8::1/32 | the block starts at 2001:db8::/32",
                "10.0.0 | is neither an IP address nor a CIDR block",
                "fe80::1%eth0 | is neither an IP address nor a CIDR block",
                "example.org | is neither an IP address nor a CIDR block"
            })
    void refusesWhatIsNoNetwork(String text, String message) {
        assertThatThrownBy(() -> Network.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.0.0.0/8",
        "::ffff:10.0.0.0/104,10.0.0.0/8",
        "192.0.2.1,192.0.2.1/32",
        "2001:DB8::/32,2001:db8::/32"
    })
    void hasOneSpelling(String text, String spelling) {
        assertThat(Network.parse(text)).hasToString(spelling);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,192.0.2.1,true",
        "192.0.2.1,192.0.2.2,false",
        "::ffff:192.0.2.1,192.0.2.1,true",
        "::ffff:192.0.2.1,::ffff:192.0.2.2,false",
        "2001:db8:0:1::1,2001:db8:0:1:ffff::2,true",
        "2001:db8:0:1::1,2001:db8:0:2::1,false",
        "unknown,unknown,true",
        "unknown,other,false"
    })
    void countsAHostOfIpv6ByItsNetworkOf64Bits(String one, String other, boolean same) {
        assertThat(Network.sourceGroup(one).equals(Network.sourceGroup(other))).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/8,10.0.0.1/8",
        "fd09::2/64,fd09::2/64",
        "192.0.2.1,192.0.2.1/32",
        "::ffff:10.0.0.1/104,10.0.0.1/8"
    })
    void anInterfaceMayHaveBitsBehindThePrefix(String text, String read) {
        String found = Network.parse(text, (address, length) -> NetUtil.toAddressString(address) + '/' + length);
        assertThat(found).isEqualTo(read);
    }

    @Test
    void aPrefixOfAMappedBlockCannotBeShorterThanItsIpv6Part() {
        assertThatThrownBy(() -> Network.parse("::ffff:10.0.0.0/90"))
                .hasMessageContaining("must have a prefix of 96 to 128 behind the slash");
    }
}
