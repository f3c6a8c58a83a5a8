// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.build;
import static io.httun.itests.KarafOptions.channel;
import static io.httun.itests.KarafOptions.httun;
import static io.httun.itests.KarafOptions.httunClient;
import static io.httun.itests.KarafOptions.httunServer;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.listener;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Lighttpd;
import io.httun.itests.fixture.Ports;
import io.httun.itests.fixture.Sshd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** Both ends in one Karaf, used by real programs, and what happens when parts are exchanged meanwhile. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class TunnelIT extends InTunnel {
    private static final int MIB = 1 << 20;
    private static final int MANY = 20;

    /** Takes three seconds. */
    private static final int SLOW = 12 * MIB;

    private final ExecutorService workers = Executors.newFixedThreadPool(MANY);
    private ByteServer target;

    @Configuration
    public Option[] configuration() {
        int port = Ports.free();
        int own = Ports.free();
        int fastCgi = Ports.free();
        int lighttpd = Ports.free();
        String secret = Keys.secret();
        Path file = Keys.write(Path.of(build("work"), "tunnel-" + Keys.randomId(), "home.key"), secret);
        return options(
                karaf(),
                webServer(port),
                httunServer(file),
                httunClient(file, "http://127.0.0.1:" + port + "/httun"),
                listener("socks", "guarded-socks", "filters = targets"),
                listener("connect", "guarded-connect", "filters = targets"),
                KarafOptions.configuration(
                        "io.httun.endpoint.netty-own", "name = own", "listen = 127.0.0.1:" + own, "path = /httun"),
                httun("httun-endpoint-fcgi"),
                KarafOptions.configuration(
                        "io.httun.endpoint.fcgi-default", "name = default", "listen = 127.0.0.1:" + fastCgi),
                way("own", own, file),
                way("fcgi", lighttpd, file),
                systemProperty("itests.fcgi.port").value("" + fastCgi),
                systemProperty("itests.lighttpd.port").value("" + lighttpd),
                systemProperty("itests.secret.file").value(file.toString()));
    }

    /** A client of the web server at a port, and its SOCKS listener. */
    private static Option way(String name, int port, Path secret) {
        return composite(
                KarafOptions.configuration(
                        "io.httun.client-" + name,
                        "name = " + name,
                        "urls = http://127.0.0.1:" + port + "/httun",
                        "id = 7",
                        "secret.file = " + secret),
                KarafOptions.configuration(
                        "io.httun.listener.socks-" + name,
                        "name = " + name,
                        "bind = 127.0.0.1:0",
                        "connector.target = (name=" + name + ")"));
    }

    @Before
    public void start() {
        target = new ByteServer();
        awaitChannel();
        await("the tunnel").atMost(LIMIT).untilAsserted(this::assertCarries);
    }

    @After
    public void end() {
        target.close();
        workers.shutdownNow();
    }

    private void assertCarries() {
        assertThat(Curl.socks5(port("socks")).get(target.url("/"))).isEqualTo("hello");
    }

    @Test
    public void curlGetsThroughEveryKindOfProxy() {
        assertThat(Curl.socks5(port("socks")).get(target.url("/"))).isEqualTo("hello");
        assertThat(Curl.socks4a(port("socks")).get(target.url("/"))).isEqualTo("hello");
        assertThat(Curl.connect(port("connect")).get(target.url("/"))).isEqualTo("hello");
        assertThat(Curl.socks5(port("socks")).get("http://localhost:" + target.port() + "/"))
                .isEqualTo("hello");
    }

    @Test
    public void everyByteArrivesThroughSocks() {
        Curl curl = Curl.socks5(port("socks"));
        curl.download(target, 64 * MIB);
        curl.upload(target, 64 * MIB);
    }

    @Test
    public void everyByteArrivesThroughConnect() {
        Curl curl = Curl.connect(port("connect"));
        curl.download(target, 64 * MIB);
        curl.upload(target, 64 * MIB);
    }

    @Test
    public void twentyConnectionsAtOnceKeepTheirBytesApart() {
        List<CompletableFuture<Void>> transfers = IntStream.range(0, MANY)
                .mapToObj(i -> CompletableFuture.runAsync(() -> transfer(i), workers))
                .toList();
        transfers.forEach(CompletableFuture::join);
    }

    private void transfer(int i) {
        Curl curl = i % 2 == 0 ? Curl.socks5(port("socks")) : Curl.connect(port("connect"));
        curl.download(target, 2 * MIB + i);
        curl.upload(target, 2 * MIB + i);
    }

    @Test
    public void sshGetsThroughSocksAndConnect() {
        try (Sshd sshd = new Sshd(Path.of(build("work"), "sshd-" + Keys.randomId()))) {
            sshd.echo(sshd.port(), 64 * MIB, "ProxyCommand=nc -X 5 -x 127.0.0.1:" + port("socks") + " %h %p");
            sshd.echo(sshd.port(), 4 * MIB, "ProxyCommand=nc -X connect -x 127.0.0.1:" + port("connect") + " %h %p");
        }
    }

    @Test
    public void aTargetDeniedAtTheServerIsClosedAndTheCauseIsShown() {
        ChildPrograms.Result result = Curl.socks5(port("socks")).run("http://127.0.0.1:9/");
        assertThat(result.exit()).as(result.output()).isNotZero();
        assertThat(shell("httun:connection-list --closed"))
                .contains("127.0.0.1:9")
                .contains("targets");
    }

    @Test
    public void aTargetDeniedAtTheListenerIsToldInTheProtocolsOwnWords() {
        ChildPrograms.Result socks = Curl.socks5(port("guarded-socks")).run("-v", "http://127.0.0.1:9/");
        assertThat(socks.exit()).as(socks.output()).isEqualTo(97);
        assertThat(socks.output()).contains("(2)");
        ChildPrograms.Result connect = Curl.connect(port("guarded-connect")).run("http://127.0.0.1:9/");
        assertThat(connect.exit()).as(connect.output()).isEqualTo(56);
        assertThat(connect.output()).contains("403");
    }

    @Test
    public void withoutItsFilterAChannelRefusesNewConnectionsAndKeepsTheOldOnes() {
        CompletableFuture<Void> running = slowDownload();
        int before = target.accepted();
        stop("io.httun.filter");
        try {
            assertThat(Curl.socks5(port("socks")).run(target.url("/")).exit()).isNotZero();
            assertThat(Curl.socks5(port("guarded-socks")).run(target.url("/")).exit())
                    .isNotZero();
            assertThat(target.accepted()).isEqualTo(before);
            running.join();
        } finally {
            start("io.httun.filter");
        }
        await().atMost(LIMIT).untilAsserted(this::assertCarries);
    }

    @Test
    public void aTransferGoesOnWithBouncyCastleWhenTheJdksCipherGoes() {
        CompletableFuture<Void> running = slowDownload();
        stop("io.httun.crypto.jca");
        try {
            Curl.socks5(port("socks")).upload(target, MIB);
            running.join();
        } finally {
            start("io.httun.crypto.jca");
        }
        assertCarries();
    }

    @Test
    public void aTransferGoesOnWhileTheStandaloneServerIsStoppedStartedAndUpdated() throws Exception {
        exchange("io.httun.endpoint.netty", "own");
    }

    @Test
    public void aTransferGoesOnWhileTheEndpointInKarafsWebServerIsStoppedStartedAndUpdated() throws Exception {
        exchange("io.httun.endpoint.cxf", "socks");
    }

    @Test
    @SuppressWarnings("try")
    public void aTransferGoesOnWhileTheFastCgiEndpointIsStoppedStartedAndUpdated() throws Exception {
        Assume.assumeTrue("lighttpd is not there", Lighttpd.isThere());
        Path home = Path.of(build("work"), "lighttpd-" + Keys.randomId());
        int port = Integer.getInteger("itests.lighttpd.port");
        try (Lighttpd lighttpd = new Lighttpd(home, port, Integer.getInteger("itests.fcgi.port"))) {
            exchange("io.httun.endpoint.fcgi", "fcgi");
        }
    }

    private void exchange(String endpoint, String listener) throws Exception {
        CompletableFuture<Void> down = slowDownload(listener);
        CompletableFuture<Void> up =
                CompletableFuture.runAsync(() -> Curl.socks5(port(listener)).uploadSlowly(target, SLOW), workers);
        await("the slow upload").atMost(LIMIT).until(() -> target.open() == 2);
        stop(endpoint);
        // Long enough for every kind of answer that stands in for its own.
        await().during(Duration.ofSeconds(1)).until(() -> !down.isDone() && !up.isDone());
        start(endpoint);
        // A web server may take its time to see that the endpoint is back.
        await("a new connection").atMost(LIMIT).untilAsserted(() -> Curl.socks5(port(listener))
                .upload(target, MIB));
        bundle(endpoint).update();
        down.join();
        up.join();
        Curl.socks5(port(listener)).upload(target, MIB);
    }

    private CompletableFuture<Void> slowDownload() {
        return slowDownload("socks");
    }

    /** Started, and past its first byte. */
    private CompletableFuture<Void> slowDownload(String listener) {
        int before = target.accepted();
        Curl curl = Curl.socks5(port(listener));
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> curl.downloadSlowly(target, SLOW), workers);
        await("the slow download").atMost(LIMIT).until(() -> target.accepted() > before);
        return running;
    }

    @Test
    public void theClientRecoversWhenTheServerRestarts() {
        stop("io.httun.server");
        try {
            assertThat(Curl.socks5(port("socks"))
                            .run("-m", "10", target.url("/"))
                            .exit())
                    .isNotZero();
        } finally {
            start("io.httun.server");
        }
        await().atMost(LIMIT).untilAsserted(this::assertCarries);
    }

    @Test
    public void aWrongConfigurationIsNamedAndTheOldOneRunsOn() throws Exception {
        Path file = file("etc/io.httun.channel-home.cfg");
        List<String> right = Files.readAllLines(file);
        Files.write(
                file,
                right.stream().map(line -> line.replace("id = 7", "id = 99999")).toList());
        try {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(log()).contains("io.httun.channel-home.cfg: id = 99999: must be"));
            assertCarries();
        } finally {
            Files.write(file, right);
        }
        await().atMost(LIMIT).untilAsserted(this::assertCarries);
    }

    @Test
    public void noCommandShowsTheSecret() throws Exception {
        String secret = Files.readString(Path.of(System.getProperty("itests.secret.file")))
                .strip();
        for (String command : List.of(
                "config:list",
                "httun:status",
                "httun:status --json",
                "httun:channel-list --json",
                "httun:session-list --json",
                "httun:connection-list --json",
                "httun:filter-list --json")) {
            assertThat(shell(command))
                    .as(command)
                    .doesNotContain(FAILED)
                    .isNotBlank()
                    .doesNotContain(secret);
        }
        assertThat(log()).doesNotContain(secret);
    }

    @Test
    public void theCommandsAnswer() {
        assertThat(shell("httun:channel-list")).contains("home");
        assertThat(shell("httun:filter-list")).contains("targets");
        assertThat(shell("httun:filter-check --channel home 127.0.0.1:9")).contains("targets");
        assertThat(shell("httun:test --count 3 home")).doesNotContain(FAILED);
        assertThat(shell("httun:uuid-generate")).matches("(?s)[0-9a-f-]{36}\\s*");
        assertThat(unsatisfied()).isEmpty();
    }

    @Test
    public void theEndOfAConnectionIsALineOfJsonAndAnEvent() throws Exception {
        List<Event> events = new CopyOnWriteArrayList<>();
        ServiceRegistration<EventHandler> handler = context.registerService(
                EventHandler.class,
                events::add,
                new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, "io/httun/connection/ENDED")));
        org.osgi.service.cm.Configuration relay =
                service(ConfigurationAdmin.class).getConfiguration("io.httun.relay", "?");
        relay.update(new Hashtable<>(Map.of("log.json", "true")));
        try {
            await("a line of JSON").atMost(LIMIT).untilAsserted(() -> {
                assertCarries();
                assertThat(jsonLines()).isNotEmpty();
            });
            assertThat(jsonLines())
                    .allMatch(line ->
                            line.matches(".*\\{\"time\":\"[^\"]+\",\"id\":\"[^\"]+\",\"listener\":\"(socks|home)\".*}"))
                    .anyMatch(line -> line.contains("\"result\":\"complete\""))
                    .noneMatch(line -> line.contains("127.0.0.1"));
            await("its event").atMost(LIMIT).untilAsserted(() -> assertThat(events)
                    .anyMatch(event -> jsonLines()
                            .get(0)
                            .contains("\"id\":\"" + event.getProperty("id") + "\",\"listener\":\""
                                    + event.getProperty("listener"))));
            assertThat(events)
                    .allMatch(event -> !event.containsProperty("target") && !event.containsProperty("source"));
        } finally {
            relay.update(new Hashtable<>(Map.of("log.json", "false")));
            handler.unregister();
        }
    }

    private static List<String> jsonLines() {
        return log().lines().filter(line -> line.contains("| connections ")).toList();
    }

    @Test
    public void anUnchangedFileChangesNothing() throws Exception {
        CompletableFuture<Void> running = slowDownload();
        Path file = file("etc/io.httun.channel-home.cfg");
        Files.write(file, List.of(channel(Path.of(System.getProperty("itests.secret.file")))));
        running.join();
        assertCarries();
    }
}
