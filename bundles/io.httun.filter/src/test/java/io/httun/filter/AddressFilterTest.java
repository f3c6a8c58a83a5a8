// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.toolkit.net.LocalNetworks;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressFilterTest {
    private static final LocalNetworks LOCAL = new LocalNetworks(
            () -> List.of(new LocalNetworks.Assigned(NetUtil.createInetAddressFromIpAddressString("11.22.33.44"), 24)),
            System::nanoTime);

    private static AddressFilter filter(String deny, String allow) {
        return new AddressFilter(Map.of("name", "lan", "deny", deny, "allow", allow), LOCAL);
    }

    private static boolean allows(AddressFilter filter, String address) {
        return filter.decide(Target.of(address, 80)) instanceof Decision.Allow;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // deny | allow | address | allowed
                "'' | '' | 10.0.0.1 | true",
                "'' | 10.0.0.0/8 | 192.0.2.1 | true",
                "10.0.0.0/8 | '' | 10.255.255.255 | false",
                "10.0.0.0/8 | '' | 11.0.0.0 | true",
                "10.0.0.0/8 | 10.1.0.0/16 | 10.1.2.3 | true",
                "10.0.0.0/8 | 10.1.0.0/16 | 10.2.2.3 | false",
                "10.0.0.7 | '' | 10.0.0.7 | false",
                "10.0.0.0/9 | '' | 10.127.0.1 | false",
                "10.0.0.0/9 | '' | 10.128.0.1 | true",
                "0.0.0.0/0 | '' | 8.8.8.8 | false",
                "0.0.0.0/0 | '' | 2001:db8::1 | true",
                "2001:db8::/33 | '' | 2001:db8:7fff::1 | false",
                "2001:db8::/33 | '' | 2001:db8:8000::1 | true",
                "any | public | 9.9.9.9 | true",
                "any | public | 2606:4700::1111 | true",
                "any | public | 192.168.0.1 | false",
                "any | public | 127.0.0.1 | false",
                "any | public | 0.0.0.0 | false",
                "any | public | fd00::1 | false",
                "any | public | 169.254.169.254 | false",
                "private | '' | 100.64.0.1 | false",
                "private | '' | 172.32.0.1 | true",
                "loopback | '' | 127.255.0.1 | false",
                "loopback | '' | 0.0.0.0 | false",
                "loopback | '' | ::1 | false",
                "loopback | '' | :: | false",
                "link-local | '' | fe80::1 | false",
                "multicast | '' | 224.0.0.1 | false",
                "multicast | '' | ff02::1 | false",
                "reserved | '' | 255.255.255.255 | false",
                // IPv6 addresses with an embedded IPv4 address
                "loopback | '' | ::ffff:127.0.0.1 | false",
                "private | '' | 64:ff9b::a00:1 | false",
                "private | '' | 64:ff9b::909:909 | true",
                "private | '' | 2002:a00:1::1 | false",
                "private | '' | ::10.0.0.1 | false",
                "private | '' | 2001:0:4136:e378:8000:63bf:f5ff:fffe | false",
                "private | '' | 64:ff9b:1::1 | false",
                "::ffff:10.0.0.0/104 | '' | 10.0.0.1 | false",
                "64:ff9b::/96 | 9.9.9.9 | 64:ff9b::909:909 | false",
                "private | '' | 2a00:1:2:3:0:5efe:a00:1 | false",
                "private | 64:ff9b:1::/48 | 64:ff9b:1::a00:1 | false",
                "private | 64:ff9b:1::/48 | 64:ff9b:1:a00:0:100:: | false",
                "private | 64:ff9b:1::/48 | 64:ff9b:1::909:909 | true",
                "cloud-metadata | '' | 168.63.129.16 | false",
                "cloud-metadata | '' | fd00:ec2::254 | false",
                "any | public | 168.63.129.16 | false",
                "this-host | '' | 127.0.0.5 | false",
                "local-networks | '' | 127.0.0.5 | false",
                "any | public | 11.22.33.44 | false",
                "this-host | '' | 11.22.33.44 | false",
                "this-host | '' | 11.22.33.45 | true",
                "local-networks | '' | 11.22.33.45 | false",
                "local-networks | 11.22.33.45 | 11.22.33.45 | true"
            })
    void decides(String deny, String allow, String address, boolean allowed) {
        assertThat(allows(filter(deny, allow), address)).isEqualTo(allowed);
    }

    @Test
    void saysWhichElementDenies() {
        assertThat(filter("loopback, 10.0.0.0/8", "").decide(Target.of("10.0.0.1", 80)))
                .isEqualTo(Decision.deny("filter lan: 10.0.0.1 is in 10.0.0.0/8"));
    }

    @Test
    void judgesWhatATranslatorOfThisNetworkMakesOfAnAddress() {
        AddressFilter filter = new AddressFilter(
                Map.of("name", "lan", "deny", "private", "nat64.prefixes", List.of("2a00:64::/32", "2a00:65::/96")),
                LOCAL);
        assertThat(allows(filter, "2a00:64:a00:1::")).isFalse();
        assertThat(allows(filter, "2a00:65::a00:1")).isFalse();
        assertThat(allows(filter, "2a00:64:909:909::")).isTrue();
        assertThat(allows(filter, "2a00:66::a00:1")).isTrue();
    }

    /** The filter of every channel in the default configuration. */
    @Test
    void theShippedFilterDeniesThisMachineAndItsNetworks() throws IOException {
        Properties shipped = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("../../config/io.httun.filter.address-default.cfg"))) {
            shipped.load(file);
        }
        AddressFilter filter = new AddressFilter(
                Map.of("name", shipped.getProperty("name"), "deny", shipped.getProperty("deny")), LOCAL);
        assertThat(List.of("11.22.33.44", "11.22.33.1", "168.63.129.16", "127.0.0.1", "10.0.0.1", "2001:db8::1"))
                .noneMatch(address -> allows(filter, address));
        assertThat(allows(filter, "9.9.9.9")).isTrue();
    }

    @Test
    void hasNoOpinionOnANameButNeedsItsAddresses() {
        AddressFilter filter = filter("any", "");
        assertThat(filter.decide(Target.of("a.test", 80))).isEqualTo(Decision.ALLOW);
        assertThat(filter.needsAddresses()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.0/33 | deny = 10.0.0.0/33: must have a prefix of 0 to 32",
                "10.0.0.1/8 | has bits set behind its prefix; the block starts at 10.0.0.0/8",
                "example.org | deny = example.org: is neither an IP address nor a CIDR block such as 10.0.0.0/8; words are any, public, loopback",
                "10.0.0.0/ | must have a prefix",
                "10.0.0 | is neither",
                "fe80::1%eth0 | is neither"
            })
    void refusesAWrongElement(String element, String message) {
        assertThatThrownBy(() -> filter("10.0.0.0/8, " + element, ""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void keepsItsConfigurationWhenTheNewOneIsWrong() {
        AddressFilter filter = filter("10.0.0.0/8", "");
        filter.modified(Map.of("name", "lan", "deny", "x"));
        assertThat(allows(filter, "10.0.0.1")).isFalse();
        filter.modified(Map.of("name", "lan", "deny", List.of("11.0.0.0/8")));
        assertThat(allows(filter, "10.0.0.1")).isTrue();
        assertThat(filter.filters().get(0))
                .satisfies(status -> assertThat(status.kind()).isEqualTo("address"))
                .satisfies(status -> assertThat(status.denied()).isEqualTo(1))
                .satisfies(status -> assertThat(status.allowed()).isEqualTo(1));
    }

    @Test
    void refusesANameThatMeansNoFilter() {
        assertThatThrownBy(() -> new AddressFilter(Map.of("name", "none")))
                .hasMessageContaining("not 'none', which means no filter");
    }
}
