// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Decision;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleFilterTest {
    /** A Monday. */
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    Path folder;

    private RuleFilter filter;
    private Instant now = NOON;
    private long written;

    @AfterEach
    void stop() throws InterruptedException {
        if (filter != null) {
            filter.stop();
        }
    }

    private Path write(String name, String... lines) throws IOException {
        Path file = Files.write(folder.resolve(name), List.of(lines));
        // File systems may not distinguish two writes within a millisecond.
        return Files.setLastModifiedTime(file, FileTime.fromMillis(++written * 1000));
    }

    private RuleFilter filter(String... lines) throws IOException {
        return filter(Map.of(), lines);
    }

    private RuleFilter filter(Map<String, Object> more, String... lines) throws IOException {
        Map<String, Object> all = new HashMap<>(
                Map.of("name", "web", "file", write("rules", lines).toString(), "time.zone", "UTC"));
        all.putAll(more);
        filter = new RuleFilter(all, new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        });
        return filter;
    }

    private boolean allows(String target) {
        return allows(target, RequestContext.NOBODY);
    }

    private boolean allows(String target, RequestContext context) {
        return filter.decide(Target.parse(target), context) instanceof Decision.Allow;
    }

    private boolean allows(String target, String address) {
        return filter.decide(Target.parse(target)
                        .withAddresses(List.of(NetUtil.createInetAddressFromIpAddressString(address))))
                instanceof Decision.Allow;
    }

    @Test
    void takesTheRegularExpressionOfTheOldConfigurationAsItStands() throws IOException {
        filter("allow /(?i)(wikipedia|rust-lang).org:443$/");
        assertThat(allows("en.wikipedia.org:443")).isTrue();
        assertThat(allows("rust-lang.org:443")).isTrue();
        assertThat(allows("rust-lang.org:80")).isFalse();
        assertThat(allows("example.org:443")).isFalse();
    }

    @Test
    void aHostileNameDoesNotMakeAnExpressionSlow() throws IOException {
        filter("allow /^(a+)+$/");
        for (int i = 0; i < 100; i++) {
            assertThat(allows("a".repeat(250) + ":1")).isFalse();
        }
    }

    @Test
    void theFirstMatchDecides() throws IOException {
        filter("# a comment", "deny *.example.org:25 # mail", "", "allow *.example.org", "deny www.example.org");
        assertThat(allows("www.example.org:80")).isTrue();
        assertThat(allows("www.example.org:25")).isFalse();
        assertThat(allows("other.test:80")).isFalse();
        assertThat(filter.explain(Target.parse("mx.example.org:25"), RequestContext.NOBODY))
                .isEqualTo("denied: line 2 'deny *.example.org:25'");
        assertThat(filter.explain(Target.parse("www.example.org:80"), RequestContext.NOBODY))
                .isEqualTo("allowed: line 4 'allow *.example.org'");
        assertThat(filter.explain(Target.parse("other.test:80"), RequestContext.NOBODY))
                .isEqualTo("denied: no rule matches, the default applies");
        assertThat(filter.rules()).extracting(rule -> rule.hits()).containsExactly(1L, 1L, 0L);
    }

    @Test
    void deniesANameThatStandsForADeniedAddress() throws IOException {
        filter("deny private", "deny 203.0.113.*", "allow any");
        assertThat(filter.needsAddresses()).isTrue();
        assertThat(allows("a.test:80")).isTrue();
        assertThat(allows("a.test:80", "10.1.2.3")).isFalse();
        assertThat(allows("a.test:80", "::ffff:10.1.2.3")).isFalse();
        assertThat(allows("a.test:80", "203.0.113.9")).isFalse();
        assertThat(allows("a.test:80", "198.41.0.4")).isTrue();
    }

    @Test
    void anAllowedNetworkOpensNoNames() throws IOException {
        filter("allow 10.0.0.0/8");
        assertThat(allows("10.1.2.3:80", "10.1.2.3")).isTrue();
        assertThat(allows("a.test:80", "10.1.2.3")).isFalse();
        assertThat(filter.needsAddresses()).isFalse();
    }

    @Test
    void looksAtPortsUsersAndSources() throws IOException {
        filter("allow a.test port=80,8000-8100", "allow b.test user=alice,bob", "allow c.test source=192.0.2.0/24");
        assertThat(allows("a.test:8050")).isTrue();
        assertThat(allows("a.test:8101")).isFalse();
        assertThat(allows("b.test:1", new RequestContext("bob", Optional.empty())))
                .isTrue();
        assertThat(allows("b.test:1", new RequestContext("eve", Optional.empty())))
                .isFalse();
        assertThat(allows("b.test:1")).isFalse();
        Optional<InetAddress> near = Optional.of(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"));
        assertThat(allows("c.test:1", new RequestContext("", near))).isTrue();
        assertThat(allows("c.test:1", new RequestContext("", Optional.of(NetUtil.LOCALHOST4))))
                .isFalse();
        assertThat(allows("c.test:1")).isFalse();
    }

    @Test
    void doesNotTellInALogWhoAsked() throws IOException {
        filter("deny a.test user=bob source=192.0.2.0/24 port=80", "allow any");
        Optional<InetAddress> near = Optional.of(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"));
        assertThat(filter.decide(Target.parse("a.test:80"), new RequestContext("bob", near)))
                .isEqualTo(Decision.deny("filter web: a.test:80: line 1 'deny a.test user=... source=... port=80'"));
    }

    @ParameterizedTest
    @CsvSource({
        "mon-fri@08:00-18:00, 2026-11-23T08:00:00Z, true",
        "mon-fri@08:00-18:00, 2026-11-23T18:00:00Z, false",
        "mon-fri@08:00-18:00, 2026-11-22T12:00:00Z, false",
        "sat-mon@00:00-24:00, 2026-11-23T23:59:59Z, true",
        "sat-mon@00:00-24:00, 2026-11-24T00:00:00Z, false",
        "sun@22:00-06:00, 2026-11-23T05:59:00Z, true",
        "sun@22:00-06:00, 2026-11-23T22:01:00Z, false",
        "22:00-06:00, 2026-11-24T23:00:00Z, true"
    })
    void looksAtTheTimeOfDay(String hours, Instant moment, boolean allowed) throws IOException {
        filter("allow a.test time=" + hours);
        now = moment;
        assertThat(allows("a.test:80")).isEqualTo(allowed);
    }

    @Test
    void readsBlockListsInBothForms() throws IOException {
        write("ads", "# hosts", "0.0.0.0 ads.example.com  track.example.com # both", "plain.example", "*.wild.example");
        filter("deny @ads", "allow any");
        assertThat(allows("ads.example.com:443")).isFalse();
        assertThat(allows("track.example.com:443")).isFalse();
        assertThat(allows("www.ads.example.com:443")).isTrue();
        assertThat(allows("plain.example:80")).isFalse();
        assertThat(allows("a.b.wild.example:80")).isFalse();
        assertThat(allows("wild.example:80")).isTrue();
        assertThat(allows("10.0.0.1:80", "10.0.0.1")).isTrue();
    }

    @Test
    void keepsTwoHundredThousandNamesInLittleMemory() {
        NameSet names = new NameSet();
        IntStream.range(0, 200_000).forEach(i -> names.add("host-" + i + ".tracker" + i % 977 + ".example.com"));
        names.trimmed();
        assertThat(names.size()).isEqualTo(200_000);
        assertThat(names.memory()).isLessThan(20_000_000);
        assertThat(IntStream.range(0, 200_000)
                        .allMatch(i -> names.contains("host-" + i + ".tracker" + i % 977 + ".example.com")))
                .isTrue();
        assertThat(IntStream.range(0, 200_000)
                        .noneMatch(i -> names.contains("host-" + i + ".tracker" + i % 976 + ".example.org")))
                .isTrue();
    }

    @Test
    void readsItsFilesAgainWhenTheyChange() throws IOException {
        write("ads", "ads.example");
        filter("deny @ads", "allow any");
        assertThat(allows("other.example:80")).isTrue();
        write("ads", "other.example");
        filter.refresh();
        assertThat(allows("other.example:80")).isFalse();
        assertThat(allows("ads.example:80")).isTrue();
        write("rules", "deny any");
        filter.refresh();
        assertThat(allows("ads.example:80")).isFalse();
    }

    @Test
    void keepsItsRulesWhenAFileHasAnError() throws IOException {
        write("ads", "ads.example");
        filter("deny @ads", "allow any");
        assertThat(filter.problems()).isEmpty();
        write("rules", "allow any", "nonsense");
        filter.refresh();
        assertThat(allows("ads.example:80")).isFalse();
        assertThat(filter.rules()).hasSize(2);
        assertThat(filter.problems().get(0).what()).contains("rules: line 2");
        Files.delete(folder.resolve("rules"));
        filter.refresh();
        assertThat(filter.rules()).hasSize(2);
        assertThat(filter.problems().get(0).what()).contains("rules: cannot be read");
        assertThat(filter.problems().get(0).remedy()).contains("the last one without an error stays in use");
        write("rules", "deny any");
        filter.refresh();
        assertThat(allows("b.example:80")).isFalse();
        assertThat(filter.problems()).isEmpty();
    }

    @Test
    void keepsABlockListThatIsGoneAndSaysSo() throws IOException {
        write("ads", "ads.example");
        filter("deny @ads", "allow any");
        Files.delete(folder.resolve("ads"));
        filter.refresh();
        assertThat(allows("ads.example:80")).isFalse();
        assertThat(filter.problems().get(0).what()).contains("ads: cannot be read");
        write("ads", "not good!");
        filter.refresh();
        assertThat(allows("ads.example:80")).isFalse();
        assertThat(filter.problems().get(0).what()).contains("ads: line 1");
        write("ads", "other.example");
        filter.refresh();
        assertThat(allows("ads.example:80")).isTrue();
        assertThat(filter.problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    permit a.test                 | rules: line 2: must be 'allow TARGET [CONDITION ...]'
                    allow                         | rules: line 2: must be 'allow TARGET
                    allow a.test:70000            | rules: line 2: the port must be 1 to 65535
                    allow /(/                     | rules: line 2: not a regular expression of RE2: error parsing regexp: missing closing )
                    allow 10.0.0.0/99             | rules: line 2: address = 10.0.0.0/99
                    allow @missing                | missing: cannot be read (NoSuchFileException)
                    allow @bad                    | bad: line 3: must be a name of up to 253 letters
                    allow a.test time=8-18        | rules: line 2: time = 8-18: must be like mon-fri@08:00-18:00
                    allow a.test time=foo@08:00-18:00 | rules: line 2: 'foo' is not a day
                    allow a.test time=25:00-26:00 | rules: line 2: time = 25:00-26:00: must be hours from
                    allow a.test port=0           | rules: line 2: port = 0: must be 1 to 65535
                    allow a.test tls=maybe        | rules: line 2: tls = maybe: must be any or name
                    deny a.test tls=any           | rules: line 2: tls= needs an allow rule
                    allow a.test colour=red       | rules: line 2: 'colour=red': must be
                    allow a.test source=x         | rules: line 2: source = x
                    """)
    void namesFileAndLineOfAnErrorAndDeniesUntilItIsMended(String line, String message) throws IOException {
        write("bad", "good.example", "", "not good!");
        filter("# first", line);
        assertThat(allows("a.test:80")).isFalse();
        assertThat(filter.explain(Target.parse("a.test:80"), RequestContext.NOBODY))
                .contains(message);
        write("rules", "allow any");
        filter.refresh();
        assertThat(allows("a.test:80")).isTrue();
    }

    @Test
    void refusesAWrongConfiguration() {
        assertThatThrownBy(() -> filter(Map.of("time.zone", "Mars/Base"), ""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("time.zone = Mars/Base: must be a time zone");
        assertThatThrownBy(() -> filter(Map.of("default", "maybe"), "")).hasMessageContaining("must be allow or deny");
        assertThatThrownBy(() -> filter(Map.of("file", ""), "")).hasMessageContaining("must be the path of a file");
    }
}
