// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.build;
import static io.httun.itests.KarafOptions.configuration;
import static io.httun.itests.KarafOptions.httun;
import static io.httun.itests.KarafOptions.httunServer;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Lighttpd;
import io.httun.itests.fixture.Ports;
import io.httun.itests.fixture.Resources;
import io.httun.itests.fixture.Seen;
import io.httun.itests.fixture.SmallBundle;
import io.httun.itests.fixture.SwapLoad;
import io.httun.itests.fixture.SwapTable;
import io.httun.itests.second.SecondFilter;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.karaf.features.FeaturesService;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.Assume;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Each part swapped while bytes flow through all of them. Mentions no type of ours, so that the bundles of all of our
 * types can be swapped, too.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class SwapIT extends InKaraf {
    private static final Duration A_WHILE = Duration.ofSeconds(2);
    private static final String CIPHER = "cipher.target";

    /**
     * Chunks of Netty's pool, of 4 MiB each, more or less are no leak: a pipe reads on up to 32 connections, 128 KiB at a time on each, both ends of
     * both pipes are here, and a chunk stays in the pool while a thread's cache holds a piece of it.
     */
    private static final long SPARE_MEMORY = 32 << 20;

    /** A pipe keeps up to two idle connections for 55 s; each of two event loops has a pipe, and both ends are here. */
    private static final int SPARE_SOCKETS = 8;

    /**
     * However many swaps there were, the JVM may keep a few loaders: java.lang.runtime.ObjectMethods remembers the class
     * of the last record whose equals or hashCode was linked.
     */
    private static final int FEW_LOADERS = 6;

    @org.ops4j.pax.exam.Configuration
    public Option[] bothEnds() {
        int web = Ports.free();
        int front = Ports.free();
        int fcgi = Ports.free();
        int own = Ports.free();
        Path work = Path.of(build("work"), "swap-" + Keys.randomId());
        Path home = Keys.write(work.resolve("home.key"), Keys.secret());
        Path other = Keys.write(work.resolve("other.key"), Keys.secret());
        Keys.write(work.resolve("next.key"), Keys.secret());
        Path second = SmallBundle.write(
                work.resolve("second.jar"), SecondFilter.class, "org.osgi.framework,io.httun.api.target");
        SwapTable.begin();
        return options(
                karaf(),
                // It writes what the test configures into the file, not at once, and may read half of that.
                editConfigurationFilePut("etc/config.properties", "felix.fileinstall.enableConfigSave", "false"),
                webServer(web),
                httunServer(home),
                httun("httun-client"),
                configuration(
                        "io.httun.endpoint.netty-own", "name = own", "listen = 127.0.0.1:" + own, "path = /httun"),
                configuration("io.httun.server", "sessions.idle.seconds = 10"),
                tunnel("home", 7, home, own),
                tunnel("web", 7, home, web),
                httun("httun-endpoint-fcgi"),
                configuration("io.httun.endpoint.fcgi-default", "name = default", "listen = 127.0.0.1:" + fcgi),
                tunnel("front", 7, home, front),
                systemProperty("itests.swap.fcgi").value(Integer.toString(fcgi)),
                systemProperty("itests.swap.front").value(Integer.toString(front)),
                tunnel("other", 8, other, own),
                configuration(
                        "io.httun.channel-other",
                        "name = other",
                        "id = 8",
                        "secret.file = " + other,
                        "filters = targets",
                        "test = false"),
                systemProperty("itests.swap.second").value(second.toUri().toString()),
                systemProperty("itests.swap.next")
                        .value(work.resolve("next.key").toString()),
                // Any number by hand: -Ditests.swap.count=2000, and the same again: -Ditests.swap.seed=...
                systemProperty("itests.swap.count").value(System.getProperty("itests.swap.count", "200")),
                systemProperty("itests.swap.seed")
                        .value(System.getProperty("itests.swap.seed", Long.toString(System.currentTimeMillis()))),
                systemProperty("itests.swap.own").value(Integer.toString(own)));
    }

    /** A client with a SOCKS listener on a port that stays the same. */
    private static Option tunnel(String name, int channel, Path secret, int port) {
        int socks = Ports.free();
        return composite(
                configuration(
                        "io.httun.client-" + name,
                        "name = " + name,
                        "urls = http://127.0.0.1:" + port + "/httun",
                        "id = " + channel,
                        "secret.file = " + secret),
                configuration(
                        "io.httun.listener.socks-" + name,
                        "name = " + name,
                        "bind = 127.0.0.1:" + socks,
                        "connector.target = (name=" + name + ")"),
                systemProperty("itests.swap.socks." + name).value(Integer.toString(socks)));
    }

    private static int socks(String name) {
        return Integer.getInteger("itests.swap.socks." + name);
    }

    private SwapLoad load(String tunnel) {
        await("listener " + tunnel).atMost(LIMIT).until(() -> Ports.isOpen(socks(tunnel)));
        return new SwapLoad(socks(tunnel));
    }

    /** Does something under load and writes down what was seen. No byte may be lost or changed by anything. */
    private static Seen swap(SwapLoad load, String what, Swap action) throws Exception {
        load.begin();
        action.run();
        Seen seen = load.end(what);
        SwapTable.add(seen);
        assertThat(seen.wrong()).as("wrong blocks: %s", seen).isZero();
        assertThat(seen.quiet()).as("silent ends: %s", seen).isZero();
        return seen;
    }

    /** As above, for what nobody but new connections may notice. */
    private static void swapUnnoticed(SwapLoad load, String what, Swap action) throws Exception {
        assertThat(swap(load, what, action).cut()).as(what).isZero();
    }

    private interface Swap {
        void run() throws Exception;
    }

    /** Lets the load run. */
    private static void aWhile() {
        await().pollDelay(A_WHILE).atMost(LIMIT).until(() -> true);
    }

    private void update(String bundle) throws Exception {
        bundle(bundle).update();
    }

    private void stopAndStart(String bundle) throws Exception {
        stop(bundle);
        try {
            aWhile();
        } finally {
            start(bundle);
        }
    }

    @Test
    public void filters() throws Exception {
        String filter = "io.httun.filter";
        try (SwapLoad load = load("home")) {
            swapUnnoticed(load, "nothing, for 2 s", SwapIT::aWhile);
            swapUnnoticed(load, filter + " updated", () -> update(filter));
            swapUnnoticed(load, filter + " stopped for 2 s and started", () -> {
                stop(filter);
                try {
                    assertThat(load.letsIn()).isFalse();
                    assertThat(shell("httun:connection-list --closed")).contains("filter targets is not available");
                    aWhile();
                } finally {
                    start(filter);
                }
                assertThat(load.letsIn()).isTrue();
            });
            swapUnnoticed(load, "another filter bundle installed, and taken away", () -> {
                Bundle second = context.installBundle(System.getProperty("itests.swap.second"));
                second.start();
                try {
                    assertThat(load.letsIn()).as("from its first call it rules").isFalse();
                    assertThat(shell("httun:connection-list --closed")).contains("the second filter denies everything");
                } finally {
                    second.uninstall();
                }
                assertThat(load.letsIn()).isTrue();
            });
        }
    }

    @Test
    public void crypto() throws Exception {
        String jca = "io.httun.crypto.jca";
        String bouncy = "io.httun.crypto.bouncycastle";
        try (SwapLoad load = load("home")) {
            swapUnnoticed(load, jca + " updated", () -> update(jca));
            swapUnnoticed(load, jca + " stopped for 2 s and started", () -> stopAndStart(jca));
            swapUnnoticed(load, "another provider chosen by configuration, at both ends", () -> {
                configure("io.httun.server", CIPHER, "(httun.crypto.provider=bouncycastle)");
                configure("io.httun.client-home", CIPHER, "(httun.crypto.provider=bouncycastle)");
                aWhile();
                configure("io.httun.client-home", CIPHER, null);
                configure("io.httun.server", CIPHER, null);
            });
            swapUnnoticed(load, "no crypto left for 2 s", () -> {
                stop(jca);
                stop(bouncy);
                try {
                    aWhile();
                    HttpURLConnection answer = post();
                    assertThat(answer.getResponseCode()).isEqualTo(503);
                    assertThat(answer.getHeaderField("Retry-After")).isEqualTo("1");
                } finally {
                    start(bouncy);
                    start(jca);
                }
            });
        }
    }

    /** Something that might be a frame. */
    private static HttpURLConnection post() throws IOException {
        HttpURLConnection request = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + System.getProperty("itests.swap.own") + "/httun/7/w/1")
                        .toURL()
                        .openConnection(java.net.Proxy.NO_PROXY);
        request.setDoOutput(true);
        byte[] frame = new byte[100];
        Arrays.fill(frame, (byte) 1);
        request.getOutputStream().write(frame);
        return request;
    }

    /** Sets one property of what a file in etc/ has configured; null takes it away. */
    private void configure(String file, String property, String value) throws Exception {
        Configuration configuration = configurationOf(file);
        Dictionary<String, Object> properties = configuration.getProperties();
        if (value == null) {
            properties.remove(property);
        } else {
            properties.put(property, value);
        }
        configuration.update(properties);
    }

    private Configuration configurationOf(String file) throws Exception {
        return Arrays.stream(service(ConfigurationAdmin.class)
                        .listConfigurations("(felix.fileinstall.filename=*/" + file + ".cfg)"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(file + ".cfg is not configured"));
    }

    @Test
    public void connectors() throws Exception {
        String connector = "io.httun.connector";
        try (SwapLoad load = load("home")) {
            swapUnnoticed(load, connector + " updated", () -> {
                update(connector);
                assertThat(load.letsIn()).isTrue();
            });
            swapUnnoticed(load, connector + " stopped for 2 s and started", () -> {
                stop(connector);
                try {
                    assertThat(load.letsIn()).isFalse();
                    aWhile();
                } finally {
                    start(connector);
                }
                assertThat(load.letsIn()).isTrue();
            });
            swapUnnoticed(load, connector + " reconfigured", () -> {
                configure("io.httun.connector.direct-direct", "connect.seconds", "9");
                assertThat(load.letsIn()).isTrue();
            });
        }
    }

    @Test
    public void endpoints() throws Exception {
        String netty = "io.httun.endpoint.netty";
        try (SwapLoad load = load("home")) {
            swapEndpoint(load, netty);
            int moved = Ports.free();
            swapUnnoticed(load, netty + ": its port changed, and back after 2 s", () -> {
                configure("io.httun.endpoint.netty-own", "listen", "127.0.0.1:" + moved);
                aWhile();
                configure(
                        "io.httun.endpoint.netty-own", "listen", "127.0.0.1:" + System.getProperty("itests.swap.own"));
            });
        }
    }

    @Test
    public void endpointsInWebServers() throws Exception {
        try (SwapLoad load = load("web")) {
            swapEndpoint(load, "io.httun.endpoint.cxf");
            swapUnnoticed(load, "io.httun.endpoint.cxf: its path changed, and back after 2 s", () -> {
                configure("io.httun.endpoint.cxf-default", "path", "/elsewhere");
                aWhile();
                configure("io.httun.endpoint.cxf-default", "path", "/httun");
            });
        }
    }

    /** What has Karaf's web server restart its context, or itself. */
    @Test
    public void webServers() throws Exception {
        Set<String> console = Set.of("webconsole");
        EnumSet<FeaturesService.Option> none = EnumSet.noneOf(FeaturesService.Option.class);
        try (SwapLoad load = load("web")) {
            swapUnnoticed(load, "Karaf's web console installed", () -> features.installFeatures(console, none));
            swapUnnoticed(load, "Karaf's web console taken away", () -> features.uninstallFeatures(console, none));
            int port = Integer.getInteger("itests.web.port");
            int moved = Ports.free();
            swapUnnoticed(load, "Karaf's web server: its port changed, and back after 2 s", () -> {
                configureWebServer(moved);
                await("the other port").atMost(LIMIT).until(() -> Ports.isOpen(moved));
                aWhile();
                configureWebServer(port);
            });
            assertThat(load.letsIn()).isTrue();
        }
    }

    private void configureWebServer(int port) throws IOException {
        Configuration server = service(ConfigurationAdmin.class).getConfiguration("org.ops4j.pax.web", null);
        Dictionary<String, Object> properties = server.getProperties();
        properties.put("org.osgi.service.http.port", Integer.toString(port));
        server.update(properties);
    }

    @Test
    public void endpointsBehindWebServers() throws Exception {
        Assume.assumeTrue("lighttpd is not there", Lighttpd.isThere());
        int front = Integer.getInteger("itests.swap.front");
        int fcgi = Integer.getInteger("itests.swap.fcgi");
        Path home = file("data/lighttpd");
        Lighttpd server = new Lighttpd(home, front, fcgi);
        try (SwapLoad load = load("front")) {
            swapEndpoint(load, "io.httun.endpoint.fcgi");
            int moved = Ports.free();
            swapUnnoticed(load, "io.httun.endpoint.fcgi: its port changed, and back after 2 s", () -> {
                configure("io.httun.endpoint.fcgi-default", "listen", "127.0.0.1:" + moved);
                aWhile();
                configure("io.httun.endpoint.fcgi-default", "listen", "127.0.0.1:" + fcgi);
            });
            swapUnnoticed(load, "lighttpd in front of it reloaded", () -> {
                server.reload();
                aWhile();
            });
            swapUnnoticed(load, "lighttpd in front of it stopped for 2 s, and started", () -> {
                server.close();
                aWhile();
                server.start();
            });
        } finally {
            server.close();
        }
    }

    private void swapEndpoint(SwapLoad load, String endpoint) throws Exception {
        swapUnnoticed(load, endpoint + " updated", () -> update(endpoint));
        swapUnnoticed(load, endpoint + " stopped for 2 s and started", () -> stopAndStart(endpoint));
    }

    @Test
    public void servers() throws Exception {
        try (SwapLoad load = load("home")) {
            swapNoticedByAll(load, "io.httun.server updated", () -> update("io.httun.server"));
        }
    }

    @Test
    public void clients() throws Exception {
        try (SwapLoad load = load("home")) {
            swapNoticedByAll(load, "io.httun.client updated", () -> update("io.httun.client"));
            awaitNoticed(load);
            swapNoticedByAll(load, "io.httun.listener updated", () -> update("io.httun.listener"));
            awaitNoticed(load);
            swapNoticedByAll(load, "io.httun.listener stopped, and started when its port had been another's", () -> {
                stop("io.httun.listener");
                new ServerSocket(socks("home"), 1, InetAddress.getLoopbackAddress()).close();
                start("io.httun.listener");
                await("the port again").atMost(Duration.ofSeconds(2)).until(() -> Ports.isOpen(socks("home")));
            });
        }
    }

    /** At both ends at once, as both are in this Karaf. */
    @Test
    public void streams() throws Exception {
        String streams = "io.httun.streams";
        try (SwapLoad load = load("home")) {
            swapInPipes(load, streams + " updated", () -> update(streams));
            swapInPipes(load, streams + " stopped for 2 s and started", () -> stopAndStart(streams));
            swapNoticedByAll(load, "both ends updated while " + streams + " is missing", () -> {
                stop(streams);
                try {
                    update("io.httun.server");
                    update("io.httun.client");
                    assertThat(load.letsIn())
                            .as("in a session of the stock wire")
                            .isFalse();
                } finally {
                    start(streams);
                }
                assertThat(load.letsIn()).isTrue();
            });
        }
    }

    /** What resets all streams and leaves the pipes as they are. */
    private void swapInPipes(SwapLoad load, String what, Swap action) throws Exception {
        AtomicReference<List<String>> pipes = new AtomicReference<>(List.of());
        swapNoticedByAll(load, what, () -> {
            String list = shell("httun:pipe-list");
            assertThat(list).containsPattern("client\\W+open").containsPattern("server\\W+open");
            pipes.set(busySessions());
            assertThat(pipes.get()).as("the pipes at both ends").hasSizeGreaterThanOrEqualTo(2);
            action.run();
        });
        awaitNoticed(load);
        assertThat(busySessions()).as("the pipes' sessions").containsAll(pipes.get());
    }

    /** Those that have carried much. */
    private List<String> busySessions() {
        Matcher session = Pattern.compile("\"id\": *\"(\\w+)\"[^}]*\"bytesIn\": *(\\d+)[^}]*\"bytesOut\": *(\\d+)")
                .matcher(shell("httun:session-list --json"));
        List<String> busy = new ArrayList<>();
        while (session.find()) {
            if (Long.parseLong(session.group(2)) + Long.parseLong(session.group(3)) > 1 << 20) {
                busy.add(session.group(1));
            }
        }
        return busy;
    }

    /** All of the old connections have ended at their targets, too. */
    private static void awaitNoticed(SwapLoad load) {
        await("the server notices").atMost(LIMIT).until(() -> load.open() == load.users());
    }

    private static void swapNoticedByAll(SwapLoad load, String what, Swap action) throws Exception {
        assertThat(swap(load, what, action).cut()).as(what).isEqualTo(load.users());
    }

    @Test
    public void configurations() throws Exception {
        Path channel = file("etc/io.httun.channel-home.cfg");
        try (SwapLoad load = load("home")) {
            swapUnnoticed(load, "another channel changed", () -> {
                configure("io.httun.channel-other", "test", "true");
                aWhile();
            });
            swapUnnoticed(load, "another channel's secret changed", () -> {
                configure("io.httun.channel-other", "secret.file", System.getProperty("itests.swap.next"));
                aWhile();
            });
            swapUnnoticed(load, "another listener moved to another port", () -> {
                int port = Ports.free();
                configure("io.httun.listener.socks-other", "bind", "127.0.0.1:" + port);
                await("the other listener").atMost(LIMIT).until(() -> Ports.isOpen(port));
            });
            swapUnnoticed(load, "its own channel, listener and client changed", () -> {
                configure("io.httun.channel-home", "test", "false");
                configure("io.httun.listener.socks-home", "connections.max", "500");
                configure("io.httun.client-home", "user.agent", "another");
                aWhile();
                assertThat(load.letsIn()).isTrue();
            });
            swapUnnoticed(load, "its own channel's file touched", () -> {
                Files.setLastModifiedTime(channel, FileTime.from(Instant.now()));
                aWhile();
            });
            List<String> right = Files.readAllLines(channel);
            swapUnnoticed(load, "a wrong channel file saved, and the right one again", () -> {
                List<String> wrong = new ArrayList<>(right);
                wrong.replaceAll(line -> line.replaceFirst("^id *= *7", "id = 99999"));
                Files.write(channel, wrong);
                await("refused with a message").atMost(LIMIT).untilAsserted(() -> assertThat(log())
                        .contains("io.httun.channel-home.cfg: id = 99999: must be"));
                Files.write(channel, right);
                aWhile();
            });
            swapNoticedByAll(load, "its own channel's file deleted, and restored after 2 s", () -> {
                Files.delete(channel);
                aWhile();
                Files.write(channel, right);
            });
        }
    }

    @Test
    public void refreshed() throws Exception {
        try (SwapLoad load = load("home")) {
            swapNoticedByAll(
                    load, "io.httun.api refreshed, which restarts all of httun", () -> refresh("io.httun.api"));
            awaitNoticed(load);
            swapNoticedByAll(load, "Netty refreshed, which restarts all of httun", () -> refresh("io.netty.common"));
        }
        awaitAllActive();
        assertThat(unsatisfied()).isEmpty();
    }

    private void refresh(String bundle) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle(bundle)), event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        assertThat(done.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Everything is back where it was after many swaps: threads, sockets, direct memory, services, class loaders. */
    @Test
    public void manySwaps() throws Exception {
        long seed = Long.getLong("itests.swap.seed");
        int many = Integer.getInteger("itests.swap.count");
        List<Swap> swaps = allSwaps();
        // Nothing is kept for later users, and nothing for long.
        configure("io.httun.connector.direct-direct", "drain.seconds", "2");
        try (SwapLoad load = load("home")) {
            for (Swap each : swaps) {
                each.run();
            }
            load.awaitFlow();
        }
        Resources before = settled();
        List<WeakReference<ClassLoader>> seen = new ArrayList<>();
        Random random = new Random(seed);
        try (SwapLoad load = load("home")) {
            swap(load, many + " random swaps in a row (seed " + seed + ")", () -> {
                for (int i = 0; i < many; i++) {
                    ourLoaders().forEach(loader -> seen.add(new WeakReference<>(loader)));
                    swaps.get(random.nextInt(swaps.size())).run();
                    await().pollDelay(Duration.ofMillis(100)).until(() -> true);
                }
            });
        }
        awaitBackAt(before);
        await("class loaders").atMost(LIMIT).untilAsserted(() -> {
            System.gc();
            assertThat(oldLoaders(seen)).hasSizeLessThanOrEqualTo(FEW_LOADERS);
        });
        System.out.println("class loaders kept: " + oldLoaders(seen));
    }

    private void awaitBackAt(Resources before) {
        try {
            await("resources").atMost(LIMIT).untilAsserted(() -> assertBackAt(before));
        } catch (ConditionTimeoutException e) {
            // Of a time-out Surefire's summary names no more than the line.
            assertBackAt(before);
        }
    }

    private void assertBackAt(Resources before) {
        Resources after = Resources.of(context);
        assertThat(after.services()).as("services").isEqualTo(before.services());
        assertThat(after.threads()).as("threads").isEqualTo(before.threads());
        assertThat(after.sockets()).as("sockets").isLessThanOrEqualTo(before.sockets() + SPARE_SOCKETS);
        assertThat(after.direct()).as("direct memory").isLessThanOrEqualTo(before.direct() + SPARE_MEMORY);
    }

    private List<ClassLoader> oldLoaders(List<WeakReference<ClassLoader>> seen) {
        List<ClassLoader> now = ourLoaders();
        return seen.stream()
                .map(Reference::get)
                .filter(loader -> loader != null && !now.contains(loader))
                .distinct()
                .toList();
    }

    private List<Swap> allSwaps() {
        AtomicInteger turn = new AtomicInteger();
        List<Swap> swaps = new ArrayList<>();
        for (String bundle : List.of(
                "io.httun.filter",
                "io.httun.crypto.jca",
                "io.httun.crypto.bouncycastle",
                "io.httun.connector",
                "io.httun.endpoint.netty",
                "io.httun.endpoint.cxf",
                "io.httun.server",
                "io.httun.client",
                "io.httun.listener",
                "io.httun.streams")) {
            swaps.add(() -> update(bundle));
            swaps.add(() -> {
                stop(bundle);
                start(bundle);
            });
        }
        swaps.add(() -> configure("io.httun.channel-home", "test", "" + (turn.incrementAndGet() % 2 == 0)));
        swaps.add(() -> configure("io.httun.client-home", "user.agent", "agent" + turn.incrementAndGet()));
        swaps.add(() ->
                configure("io.httun.listener.socks-home", "connections.max", "" + (500 + turn.incrementAndGet())));
        swaps.add(() -> {
            Bundle second = context.installBundle(System.getProperty("itests.swap.second"));
            second.start();
            second.uninstall();
        });
        return swaps;
    }

    private List<ClassLoader> ourLoaders() {
        return ourBundles().stream()
                .map(name -> bundle(name).adapt(BundleWiring.class))
                .map(BundleWiring::getClassLoader)
                .toList();
    }

    /** What there is when nothing changes any more. */
    private Resources settled() {
        AtomicReference<Resources> last = new AtomicReference<>(Resources.of(context));
        await("rest").during(Duration.ofSeconds(3)).atMost(LIMIT).until(() -> {
            System.gc();
            Resources now = Resources.of(context);
            // A former toolkit's thread ends half a minute after its last watch.
            boolean oneWatches = now.threads().getOrDefault("httun-files-#-#", 0L) <= 1;
            return last.getAndSet(now).sockets() == now.sockets() && oneWatches;
        });
        return last.get();
    }
}
