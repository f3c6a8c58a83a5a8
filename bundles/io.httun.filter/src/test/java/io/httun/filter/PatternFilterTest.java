// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternFilterTest {
    private static PatternFilter filter(String rules, String rest) {
        return new PatternFilter(Map.of("name", "web", "rules", rules, "default", rest));
    }

    private static boolean allows(PatternFilter filter, Target target) {
        return filter.decide(target) instanceof Decision.Allow;
    }

    private static Target resolved(String name, int port, String address) {
        return Target.of(name, port).withAddresses(Target.of(address, port).addresses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allow *.example.org:443 | www.example.org:443 | true",
                "allow *.example.org:443 | a.b.example.org:443 | true",
                "allow *.example.org:443 | WWW.EXAMPLE.ORG:443 | true",
                "allow *.example.org:443 | example.org:443 | false",
                "allow *.example.org:443 | www.example.org:80 | false",
                "allow *.example.org:443 | www.example.org.evil.test:443 | false",
                "allow *.example.org:443 | 192.0.2.1:443 | false",
                "allow ?.test | a.test:1 | true",
                "allow ?.test | ab.test:1 | false",
                "allow a.test:8000-8100 | a.test:8100 | true",
                "allow a.test:8000-8100 | a.test:8101 | false",
                "allow * | a.test:1 | true",
                "allow * | [2001:db8::1]:1 | true",
                "allow *:443 | a.test:444 | false",
                "allow 10.* | 10.1.2.3:80 | true",
                "allow 10.* | 10.example.org:80 | false",
                "allow *10* | 10.0.0.1:80 | true",
                "allow *a* | [2001:db8::a]:80 | false",
                "allow [2001:db8::*] | [2001:db8::a]:80 | true",
                "allow [64:ff9b::*] | [64:ff9b::a00:1]:80 | true",
                "'deny 10.*, allow *' | [64:ff9b::a00:1]:80 | false",
                "'deny *:25, allow *' | a.test:25 | false",
                "'deny *:25, allow *' | a.test:26 | true",
                "'allow a.test, deny *.test, allow *' | a.test:1 | true",
                "'allow a.test, deny *.test, allow *' | b.test:1 | false",
                "'deny 127.*, allow *' | 127.1:80 | false"
            })
    void firstRuleThatMatchesDecides(String rules, String target, boolean allowed) {
        assertThat(allows(filter(rules, "deny"), Target.parse(target))).isEqualTo(allowed);
    }

    @Test
    void judgesANameByTheNameWhateverItResolvesTo() {
        PatternFilter filter = filter("allow www.example.org, allow 10.*", "deny");
        assertThat(allows(filter, resolved("www.example.org", 80, "192.0.2.1"))).isTrue();
        assertThat(allows(filter, resolved("evil.test", 80, "10.0.0.1"))).isFalse();
        assertThat(filter.needsAddresses()).isFalse();
    }

    @Test
    void deniesANameWhoseAddressIsDenied() {
        PatternFilter filter = filter("deny 10.*", "allow");
        assertThat(allows(filter, Target.of("a.test", 80))).isTrue();
        assertThat(allows(filter, resolved("a.test", 80, "10.0.0.1"))).isFalse();
        assertThat(filter.needsAddresses()).isTrue();
    }

    @Test
    void saysWhichRuleDenies() {
        assertThat(filter("deny *:25", "allow").decide(Target.parse("a.test:25")))
                .isEqualTo(Decision.deny("filter web: a.test:25: rule 'deny *:25'"));
        assertThat(filter("", "deny").decide(Target.parse("a.test:25")))
                .isEqualTo(Decision.deny("filter web: a.test:25: no rule allows it"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permit a.test | rules = permit a.test: must be 'allow HOST[:PORT]' or 'deny HOST[:PORT]'",
                "allow | must be 'allow",
                "allow a.test:0 | the port must be 1 to 65535",
                "allow a.test:9-8 | the port must be 1 to 65535",
                "allow a.test:http | the port must be 1 to 65535",
                "allow 2001:db8::1 | the port must be 1 to 65535",
                "allow b\u00fccher.test | the host must be up to 253 letters"
            })
    void refusesAWrongRule(String rule, String message) {
        assertThatThrownBy(() -> filter("allow a.test, " + rule, "deny"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesAWrongDefault() {
        assertThatThrownBy(() -> filter("", "maybe")).hasMessageContaining("default = maybe: must be allow or deny");
    }

    @Test
    void keepsItsConfigurationWhenTheNewOneIsWrong() {
        PatternFilter filter = filter("allow a.test", "deny");
        filter.modified(Map.of("name", "web", "rules", List.of("allow b.test:x")));
        assertThat(allows(filter, Target.parse("a.test:1"))).isTrue();
        assertThat(filter.filters().get(0).rules()).isEqualTo(1);
    }
}
