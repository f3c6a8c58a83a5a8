// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.target.RefusedException;
import io.httun.api.target.Resolution;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a DNS server of our own. */
@Timeout(60)
class DnsResolverTest {
    @TempDir
    Path folder;

    private final NettyEventLoops loops = new NettyEventLoops(Map.of("threads", 1));
    private final DnsServer server = new DnsServer();
    private DnsResolver resolver;

    @AfterEach
    void end() {
        resolver.stop();
        server.close();
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void resolver(Object... more) {
        Map<String, Object> properties = new HashMap<>(Map.of("resolver.servers", server.address()));
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        resolver = new DnsResolver(loops, properties, folder.resolve("resolv.conf"), folder.resolve("hosts"), 0);
    }

    private Future<List<InetAddress>> resolve(String name) {
        return resolver.resolve(name, loops.group().next()).awaitUninterruptibly();
    }

    private List<String> addresses(String name) {
        return resolve(name).getNow().stream().map(NetUtil::toAddressString).toList();
    }

    @Test
    void keepsAnAnswerForItsTimeAndNoLonger() {
        server.with("a.test", 1, "192.0.2.1");
        resolver("resolver.addresses", "ipv4-only");
        assertThat(addresses("a.test")).containsExactly("192.0.2.1");
        assertThat(addresses("a.test")).containsExactly("192.0.2.1");
        assertThat(server.asked).containsExactly("A a.test");
        await().until(() -> addresses("a.test").size() == 1 && server.count("A a.test") == 2);
    }

    @Test
    void keepsAnAnswerWithinItsLimits() {
        server.with("short.test", 0, "192.0.2.1").with("long.test", 86_400, "192.0.2.2");
        resolver("resolver.addresses", "ipv4-only", "resolver.ttl.min.seconds", 60, "resolver.ttl.max.seconds", 60);
        for (int i = 0; i < 3; i++) {
            addresses("short.test");
            addresses("long.test");
        }
        assertThat(server.asked).containsExactly("A short.test", "A long.test");
        resolver("resolver.addresses", "ipv4-only", "resolver.ttl.max.seconds", 0);
        addresses("long.test");
        addresses("long.test");
        assertThat(server.count("A long.test")).as("not cached").isEqualTo(3);
    }

    @Test
    void remembersForAWhileThatThereIsNoSuchName() {
        resolver("resolver.addresses", "ipv4-only", "resolver.ttl.negative.seconds", 60);
        RefusedException refusal = (RefusedException) resolve("none.test").cause();
        assertThat(refusal.refusal()).isEqualTo(RefusedException.Cause.UNRESOLVED);
        assertThat(refusal).hasMessage("'none.test' has no address");
        long asked = server.count("A none.test");
        for (int i = 0; i < 3; i++) {
            assertThat(resolve("none.test").cause()).hasMessage("'none.test' has no address");
        }
        assertThat(server.count("A none.test")).isEqualTo(asked);
        server.with("none.test", 1, "192.0.2.1");
        resolver("resolver.addresses", "ipv4-only", "resolver.ttl.negative.seconds", 0);
        assertThat(addresses("none.test")).containsExactly("192.0.2.1");
    }

    @Test
    void forgetsTheLeastRecentlyUsedName() {
        server.with("a.test", 600, "192.0.2.1").with("b.test", 600, "192.0.2.2").with("c.test", 600, "192.0.2.3");
        resolver("resolver.addresses", "ipv4-only", "resolver.cache.size", 2);
        List.of("a.test", "b.test", "a.test", "c.test", "a.test").forEach(this::addresses);
        assertThat(server.count("A a.test")).isEqualTo(1);
        addresses("b.test");
        assertThat(server.count("A b.test")).isEqualTo(2);
    }

    @Test
    void givesBothFamiliesInTheOrderThatIsWanted() {
        server.with("both.test", 600, "192.0.2.1", "2001:db8::1");
        resolver("resolver.addresses", "ipv6-first");
        assertThat(addresses("both.test")).containsExactly("2001:db8::1", "192.0.2.1");
        resolver("resolver.addresses", "ipv4-first");
        assertThat(addresses("both.test")).containsExactly("192.0.2.1", "2001:db8::1");
    }

    @Test
    void asksOnceForManyWhoAskAtOnce() {
        server.with("a.test", 600, "192.0.2.1");
        resolver("resolver.addresses", "ipv4-only");
        List<Future<List<InetAddress>>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(resolver.resolve("a.test", loops.group().next()));
        }
        all.forEach(each -> assertThat(each.awaitUninterruptibly().getNow()).hasSize(1));
        assertThat(server.count("A a.test")).isEqualTo(1);
    }

    @Test
    void goesOnToTheNextServer() {
        try (DnsServer broken = new DnsServer()) {
            broken.failure = DnsResponseCode.SERVFAIL;
            server.with("a.test", 600, "192.0.2.1");
            resolver("resolver.addresses", "ipv4-only", "resolver.servers", broken.address() + "," + server.address());
            assertThat(addresses("a.test")).containsExactly("192.0.2.1");
            assertThat(broken.asked).isNotEmpty();
        }
    }

    @Test
    void triesSearchDomains() {
        server.with("printer.corp.test", 600, "192.0.2.1").with("a.b.lab.test", 600, "192.0.2.2");
        resolver("resolver.addresses", "ipv4-only", "resolver.search", "lab.test, corp.test", "resolver.ndots", 2);
        assertThat(addresses("printer")).containsExactly("192.0.2.1");
        assertThat(server.asked).containsExactly("A printer.lab.test", "A printer.corp.test");
        assertThat(addresses("a.b")).containsExactly("192.0.2.2");
    }

    @Test
    void readsTheSystemsConfigurationAgainWhenItChanges() throws IOException {
        Path conf = Files.writeString(
                folder.resolve("resolv.conf"), "nameserver 127.0.0.1\nsearch one.test\noptions ndots:3\n");
        ResolvConf before = ResolvConf.read(conf);
        assertThat(before.search()).containsExactly("one.test");
        assertThat(before.ndots()).isEqualTo(3);
        server.with("a.two.test", 600, "192.0.2.1");
        resolver("resolver.servers", "", "resolver.addresses", "ipv4-only", "resolver.timeout.millis", 50);
        assertThat(resolve("a").isSuccess()).isFalse();
        Files.writeString(conf, "# moved\nnameserver 127.0.0.1." + server.port() + "\nsearch one.test two.test\n");
        assertThat(addresses("a")).containsExactly("192.0.2.1");
    }

    @Test
    void readsTheHostsFileAgainWhenItChanges() throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts"), "192.0.2.1 printer Printer.Corp.test\n");
        server.with("printer", 600, "192.0.2.9");
        resolver("resolver.addresses", "ipv6-first");
        assertThat(addresses("printer.corp.test")).containsExactly("192.0.2.1");
        Files.writeString(hosts, "192.0.2.2 printer\n2001:db8::2 printer\n");
        assertThat(addresses("printer")).containsExactly("2001:db8::2", "192.0.2.2");
        assertThat(server.asked).isEmpty();
        Files.delete(hosts);
        assertThat(addresses("printer")).containsExactly("192.0.2.9");
    }

    @Test
    void asksEachQuestionFromAFreshPort() {
        resolver("resolver.ttl.max.seconds", 0);
        for (int i = 0; i < 50; i++) {
            server.with("name" + i + ".test", 1, "192.0.2.1", "2001:db8::1");
            assertThat(addresses("name" + i + ".test")).hasSize(2);
        }
        // The kernel may assign a port twice.
        assertThat(server.ports).hasSize(100);
        assertThat(Set.copyOf(server.ports)).hasSizeGreaterThan(80);
    }

    @Test
    void asksTheNextServerFromAnotherPort() {
        try (DnsServer broken = new DnsServer()) {
            broken.failure = DnsResponseCode.SERVFAIL;
            resolver("resolver.addresses", "ipv4-only", "resolver.servers", broken.address() + "," + server.address());
            for (int i = 0; i < 20; i++) {
                server.with("name" + i + ".test", 600, "192.0.2.1");
                assertThat(addresses("name" + i + ".test")).containsExactly("192.0.2.1");
            }
            assertThat(broken.ports).hasSize(20);
            assertThat(server.ports).hasSize(20);
            // The kernel may assign a port twice.
            assertThat(IntStream.range(0, 20)
                            .filter(i -> broken.ports.get(i).equals(server.ports.get(i)))
                            .count())
                    .isLessThan(3);
        }
    }

    /** What one server does not know may be known to another; what none knows is remembered once. */
    @Test
    void remembersWhatNoServerKnows() {
        try (DnsServer second = new DnsServer()) {
            resolver(
                    "resolver.addresses",
                    "ipv4-only",
                    "resolver.ttl.negative.seconds",
                    60,
                    "resolver.servers",
                    server.address() + "," + second.address());
            second.with("second.test", 600, "192.0.2.1");
            assertThat(addresses("second.test")).containsExactly("192.0.2.1");
            assertThat(resolve("none.test").cause()).hasMessage("'none.test' has no address");
            List<String> askedFirst = List.copyOf(server.asked);
            List<String> askedSecond = List.copyOf(second.asked);
            assertThat(resolve("none.test").cause()).hasMessage("'none.test' has no address");
            assertThat(addresses("second.test")).containsExactly("192.0.2.1");
            assertThat(server.asked).isEqualTo(askedFirst);
            assertThat(second.asked).isEqualTo(askedSecond);
        }
    }

    @Test
    void aSlowFamilyIsNotWaitedFor() {
        server.with("slow.test", 600, "192.0.2.1", "2001:db8::1");
        server.slow = DnsRecordType.AAAA;
        server.slowMillis = 1_500;
        resolver("resolver.addresses", "ipv6-first");
        Resolution early = resolver.resolveEarly("slow.test", loops.group().next())
                .awaitUninterruptibly()
                .getNow();
        assertThat(early.first()).extracting(NetUtil::toAddressString).containsExactly("192.0.2.1");
        assertThat(early.rest().isDone()).isFalse();
        assertThat(early.rest().awaitUninterruptibly().getNow())
                .extracting(NetUtil::toAddressString)
                .containsExactly("2001:db8::1");
        assertThat(addresses("slow.test")).as("a look-up of all addresses").containsExactly("2001:db8::1", "192.0.2.1");
    }

    @Test
    void bothFamiliesAreThoseOfOneDomain() {
        server.with("box.one.test", 600, "192.0.2.1").with("box.two.test", 600, "2001:db8::2");
        resolver("resolver.search", "one.test, two.test");
        assertThat(addresses("box")).containsExactly("192.0.2.1");
    }

    /** Compares our resolver with the most used DNS client. */
    @Test
    void answersAsDigDoes() throws IOException, InterruptedException {
        server.with("dig.test", 600, "192.0.2.1", "192.0.2.2", "2001:db8::1");
        resolver("resolver.addresses", "ipv6-first");
        List<String> dug = new ArrayList<>(dig("AAAA"));
        dug.addAll(dig("A"));
        assertThat(addresses("dig.test")).isEqualTo(dug).hasSize(3);
    }

    private List<String> dig(String type) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(
                            "dig", "+short", "+tries=1", "@127.0.0.1", "-p", "" + server.port(), "dig.test", type)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "dig is not installed");
            throw e;
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        return out.lines().toList();
    }
}
