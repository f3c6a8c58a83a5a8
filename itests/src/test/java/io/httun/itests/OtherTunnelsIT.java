// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.build;
import static io.httun.itests.KarafOptions.bundleOf;
import static io.httun.itests.KarafOptions.configuration;
import static io.httun.itests.KarafOptions.httun;
import static io.httun.itests.KarafOptions.httunClient;
import static io.httun.itests.KarafOptions.httunServer;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.StatusSource;
import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Lighttpd;
import io.httun.itests.fixture.Ports;
import io.httun.itests.fixture.Sshd;
import io.httun.testpeers.ProxyProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
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

/** Both ends of the other tunnels in one Karaf, configured by files, used by real programs. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class OtherTunnelsIT extends InTunnel {
    private static final int MIB = 1 << 20;
    private static final String BRIDGE = "io.httun.bridge-home";
    private static final String GNU = "io.httun.gnuhttptunnel-home";

    private ByteServer target;

    @Configuration
    public Option[] bothEnds() {
        int cxf = Ports.free();
        int netty = Ports.free();
        int fcgi = Ports.free();
        int lighttpd = Ports.free();
        int erltunnel = Ports.free();
        int gnu = Ports.free();
        int inner = Ports.free();
        Path file = Keys.write(Path.of(build("work"), "others-" + Keys.randomId(), "home.key"), Keys.secret());
        return options(
                karaf(),
                bundleOf(ProxyProgram.class),
                webServer(cxf),
                httunServer(file),
                httun("httun-endpoint-fcgi", "httun-bridge", "httun-erltunnel", "httun-gnuhttptunnel"),
                configuration(
                        "io.httun.endpoint.netty-own", "name = own", "listen = 127.0.0.1:" + netty, "path = /httun"),
                configuration("io.httun.endpoint.fcgi-default", "name = fcgi", "listen = 127.0.0.1:" + fcgi),
                configuration(BRIDGE, bridge("/bridge")),
                bridgeClient("cxf", cxf),
                bridgeClient("netty", netty),
                bridgeClient("fcgi", lighttpd),
                configuration(
                        "io.httun.erltunnel-home",
                        "name = erltunnel-server",
                        "bind = 127.0.0.1:" + erltunnel,
                        "filters = targets"),
                client("erltunnel", "server = 127.0.0.1:" + erltunnel),
                configuration(GNU, gnu(gnu, 9)),
                client("gnuhttptunnel", "server = 127.0.0.1:" + gnu),
                configuration(
                        "io.httun.listener.port-gnuhttptunnel",
                        "name = port-gnuhttptunnel",
                        "bind = 127.0.0.1:0",
                        "target = gnu.example:22",
                        "connector.target = (name=gnuhttptunnel)"),
                // A tunnel of ours inside a bridge, as docs/other-tunnels.md has it.
                configuration(
                        "io.httun.listener.port-inner",
                        "name = inner",
                        "bind = 127.0.0.1:" + inner,
                        "target = 127.0.0.1:" + netty,
                        "connector.target = (name=cxf)"),
                httunClient(file, "http://127.0.0.1:" + inner + "/httun"),
                pass("cxf", cxf),
                pass("netty", netty),
                pass("fcgi", fcgi),
                pass("lighttpd", lighttpd),
                pass("erltunnel", erltunnel),
                pass("gnu", gnu));
    }

    private static Option pass(String name, int port) {
        return systemProperty("itests.port." + name).value(Integer.toString(port));
    }

    private static int passed(String name) {
        return Integer.getInteger("itests.port." + name);
    }

    private static String[] bridge(String path) {
        return new String[] {"name = bridge-server", "path = " + path, "filters = targets"};
    }

    private static String[] gnu(int port, int target) {
        return new String[] {"name = gnu-server", "bind = 127.0.0.1:" + port, "target = 127.0.0.1:" + target};
    }

    private static Option bridgeClient(String name, int port) {
        return composite(
                configuration(
                        "io.httun.connector.bridge-" + name,
                        "name = " + name,
                        "server = 127.0.0.1:" + port,
                        "path = /httun/bridge"),
                socks(name));
    }

    private static Option client(String name, String server) {
        return composite(
                configuration("io.httun.connector." + name + "-" + name, "name = " + name, server), socks(name));
    }

    /** A SOCKS listener for one of the connectors, of the same name. */
    private static Option socks(String name) {
        return configuration(
                "io.httun.listener.socks-" + name,
                "name = socks-" + name,
                "bind = 127.0.0.1:0",
                "connector.target = (name=" + name + ")");
    }

    @Before
    public void start() {
        target = new ByteServer();
        awaitChannel();
    }

    @After
    public void end() {
        target.close();
    }

    private static void configure(String pid, String... lines) {
        try {
            Files.write(file("etc/" + pid + ".cfg"), List.of(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Curl curl(String connector) {
        return Curl.socks5(port("socks-" + connector));
    }

    private void carries(String connector) {
        await(connector).atMost(LIMIT).untilAsserted(() -> assertThat(
                        curl(connector).run("-f", target.url("/")).output())
                .as("%s; %s", connector, unsatisfied())
                .isEqualTo("hello"));
        curl(connector).download(target, 8 * MIB);
        curl(connector).upload(target, 8 * MIB);
    }

    private List<String> targetsOf(String server) {
        return status(StatusSource::connections).stream()
                .filter(connection -> connection.origin().contains(server))
                .map(ConnectionStatus::target)
                .toList();
    }

    @Test
    @SuppressWarnings("try")
    public void theBridgeAnswersOnEveryEndpoint() {
        carries("cxf");
        carries("netty");
        Assume.assumeTrue("lighttpd is not there", Lighttpd.isThere());
        try (Lighttpd lighttpd = lighttpd()) {
            carries("fcgi");
        }
    }

    private static Lighttpd lighttpd() {
        return new Lighttpd(Path.of(build("work"), "lighttpd-" + Keys.randomId()), passed("lighttpd"), passed("fcgi"));
    }

    @Test
    public void erltunnelCarries() {
        carries("erltunnel");
    }

    /** Its target is configured at the server, so each test's is a change at run time. */
    @Test
    public void gnuHttptunnelCarriesToTheTargetOfTheMoment() {
        configure(GNU, gnu(passed("gnu"), target.port()));
        carries("gnuhttptunnel");
    }

    @Test
    public void sshGetsThroughEach() {
        try (Sshd sshd = new Sshd(Path.of(build("work"), "sshd-" + Keys.randomId()))) {
            for (String name : List.of("cxf", "erltunnel")) {
                sshd.echo(
                        sshd.port(), 4 * MIB, "ProxyCommand=nc -X 5 -x 127.0.0.1:" + port("socks-" + name) + " %h %p");
            }
            configure(GNU, gnu(passed("gnu"), sshd.port()));
            int local = port("port-gnuhttptunnel");
            await().atMost(LIMIT).until(() -> greets(local));
            sshd.echo(local, 4 * MIB);
        }
    }

    private static boolean greets(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(3000);
            return new String(socket.getInputStream().readNBytes(4), StandardCharsets.US_ASCII).equals("SSH-");
        } catch (IOException e) {
            // The target of before is not there.
            return false;
        }
    }

    @Test
    public void aTunnelOfOursInsideABridgeShowsItNothingButTheEndpoint() {
        await("the inner tunnel").atMost(LIMIT).untilAsserted(() -> assertThat(
                        Curl.socks5(port("socks")).run("-f", target.url("/")).output())
                .isEqualTo("hello"));
        Curl.socks5(port("socks")).download(target, 8 * MIB);
        Curl.socks5(port("socks")).upload(target, 8 * MIB);
        assertThat(targetsOf("bridge-server")).isNotEmpty().containsOnly("127.0.0.1:" + passed("netty"));
    }

    /** A login at the proxy on the way and, where it is a server of ours, another one there. */
    @Test
    public void logsInAtTheServerAndAtTheProxyBeforeIt() throws IOException {
        Assume.assumeTrue("squid is not there", ProxyProgram.isInstalled("squid"));
        Path folder = Files.createDirectories(Path.of(build("work"), "squid-" + Keys.randomId()));
        String login = "basic.auth.file = " + Keys.write(folder.resolve("server.login"), "user:password");
        String proxyLogin = "proxy.auth.file = " + Keys.write(folder.resolve("proxy.login"), "corp:secret");
        Path checker = Files.writeString(
                folder.resolve("check"),
                "#!/bin/sh\nwhile read -r line; do [ \"$line\" = 'corp secret' ] && echo OK || echo ERR; done\n");
        Files.setPosixFilePermissions(checker, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ProxyProgram squid = ProxyProgram.squid(
                folder,
                "auth_param basic program " + checker,
                "acl known proxy_auth REQUIRED",
                "http_access allow known",
                "http_access deny all")) {
            String proxy = "proxy = 127.0.0.1:" + squid.port();
            configure("io.httun.bridge-strict", "name = strict", "path = /strict", "filters = targets", login);
            connector("bridge", "strict", passed("netty"), "path = /httun/strict", login, proxy, proxyLogin);
            connector("bridge", "nobody", passed("netty"), "path = /httun/strict", proxy, proxyLogin);
            connector("bridge", "unknown", passed("netty"), "path = /httun/strict", login, proxy);
            connector("erltunnel", "erlsquid", passed("erltunnel"), proxy, proxyLogin);
            carries("strict");
            carries("erlsquid");
            fails("nobody", "the server answered 404 to POST");
            fails("unknown", "the server answered 407 to POST");
        }
    }

    private void fails(String connector, String why) {
        await(connector).atMost(LIMIT).untilAsserted(() -> {
            assertThat(curl(connector).run(target.url("/")).exit()).isNotZero();
            assertThat(status(StatusSource::closedConnections))
                    .filteredOn(connection -> connection.origin().equals("socks-" + connector))
                    .anySatisfy(connection -> assertThat(connection.cause()).contains(why));
        });
    }

    private static void connector(String kind, String name, int server, String... lines) {
        configure(
                "io.httun.connector." + kind + "-" + name,
                Stream.concat(Stream.of("name = " + name, "server = 127.0.0.1:" + server), Stream.of(lines))
                        .toArray(String[]::new));
        configure(
                "io.httun.listener.socks-" + name,
                "name = socks-" + name,
                "bind = 127.0.0.1:0",
                "connector.target = (name=" + name + ")");
    }

    @Test
    public void aBridgeMovesWithItsPathAndStaysWithAWrongOne() {
        int cxf = passed("cxf");
        int netty = passed("netty");
        try {
            configure(BRIDGE, bridge("/other/place"));
            await().atMost(LIMIT).until(() -> opens(cxf, "/other/place") && opens(netty, "/other/place"));
            assertThat(opens(cxf, "/bridge")).isFalse();
            assertThat(opens(netty, "/bridge")).isFalse();
            configure(BRIDGE, bridge("wrong"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log())
                    .contains("path = wrong: must begin with /")
                    .contains("bridge server bridge-server keeps its configuration"));
            assertThat(opens(cxf, "/other/place")).isTrue();
        } finally {
            configure(BRIDGE, bridge("/bridge"));
        }
        await().atMost(LIMIT).until(() -> opens(cxf, "/bridge") && opens(netty, "/bridge"));
    }

    /** By raw HTTP, as the stock script does it. */
    private boolean opens(int endpoint, String path) {
        String url = "http://127.0.0.1:" + endpoint + "/httun" + path + "/" + Keys.randomId();
        boolean opened = code("-d", "127.0.0.1:" + target.port(), url).equals("201");
        return opened && code("-X", "DELETE", url).equals("200");
    }

    private static String code(String... arguments) {
        return Curl.via("-o", "/dev/null", "-w", "%{http_code}").run(arguments).output();
    }

    @Test
    public void everyPartIsThereAndShown() {
        assertThat(unsatisfied()).isEmpty();
        assertThat(shell("httun:status"))
                .doesNotContain(FAILED)
                .contains("bridge-server", "erltunnel-server", "gnu-server");
    }
}
