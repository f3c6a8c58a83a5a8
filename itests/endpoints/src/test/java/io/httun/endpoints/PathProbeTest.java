// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static io.httun.api.tunnel.PathReport.AT_ONCE;
import static io.httun.api.tunnel.PathReport.AT_THE_END;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.PathReport;
import io.httun.client.ProbedClient;
import io.httun.connector.upstream.ForwardProxy;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.endpoint.netty.NettyStandalone;
import io.httun.endpoints.EmulatedProxy.Habit;
import io.httun.testpeers.ProxyProgram;
import io.httun.testrig.Programs;
import io.httun.testrig.ServerUnderTest;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The verdict of a probe about every proxy of the zoo: real ones before the standalone server, and emulated ones. */
@Timeout(180)
class PathProbeTest {
    private static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final int CHANNEL = 7;
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final EventLoops loops = () -> group;
    private final NameResolver names = (host, executor) ->
            executor.newFailedFuture(new RefusedException(RefusedException.Cause.UNRESOLVED, host + " has no address"));
    private final ServerUnderTest server =
            new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), CHANNEL, SECRET);
    private final NettyStandalone endpoint = new NettyStandalone(loops, 0);

    PathProbeTest() {
        endpoint.serve(server.service());
    }

    @AfterEach
    void close() {
        endpoint.close();
        server.close();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private ProbedClient client(TargetConnector proxy, String secret, String url) {
        return new ProbedClient(loops, names, proxy, CHANNEL, secret, url);
    }

    private PathReport probe(String url) throws InterruptedException {
        return client(null, SECRET, url).probe(false);
    }

    private PathReport behind(WebServer.Kind kind, UnaryOperator<String> edit) throws InterruptedException {
        try (WebServer web = WebServer.proxy(kind, folder, endpoint.port(), edit)) {
            return works(probe(web.url()));
        }
    }

    private static PathReport works(PathReport report) {
        assertThat(report.problem()).as(Json.write(report)).isEmpty();
        assertThat(report.get()).isTrue();
        assertThat(report.post()).isTrue();
        assertThat(report.server()).isEqualTo("httun");
        assertThat(report.roundTripMillis()).isPositive();
        assertThat(report.mebibytesPerSecondToServer()).isPositive();
        assertThat(report.mebibytesPerSecondFromServer()).isPositive();
        return report;
    }

    private static void parts(PathReport report, String head, String firstByte, String first64KiB) {
        assertThat(report.head() + ", " + report.firstByte() + ", " + report.first64KiB())
                .as(Json.write(report))
                .isEqualTo(head + ", " + firstByte + ", " + first64KiB);
    }

    private static void bodies(PathReport report, int request, int reply) {
        assertThat(report.largestRequest()).as(Json.write(report)).isEqualTo(request);
        assertThat(report.largestReply()).as(Json.write(report)).isEqualTo(reply);
    }

    private static void keeps(PathReport report) {
        assertThat(report.keptRequests()).as(Json.write(report)).isEqualTo(6);
        assertThat(report.parallel()).as(Json.write(report)).isEqualTo(16);
        assertThat(report.settings()).noneMatch(setting -> setting.startsWith("http."));
    }

    @Test
    void nothingOnTheWay() throws Exception {
        PathReport report = works(probe(endpoint.url()));
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        bodies(report, MIB, MIB);
        keeps(report);
        assertThat(report.headersAdded()).isEmpty();
        assertThat(report.headersChanged()).isEmpty();
        assertThat(report.replyHeadersAdded()).isEmpty();
        assertThat(report.settings()).isEmpty();
        assertThat(report.clockSkewSeconds()).isBetween(-10L, 10L);
    }

    @Test
    void nginxBuffers() throws Exception {
        PathReport report = behind(WebServer.Kind.NGINX, UnaryOperator.identity());
        parts(report, AT_THE_END, AT_THE_END, AT_THE_END);
        bodies(report, MIB, MIB);
        keeps(report);
        assertThat(report.headersAdded()).contains("x-forwarded-for");
        assertThat(report.headersChanged()).contains("host");
        assertThat(report.replyHeadersAdded()).contains("server");
    }

    @Test
    void nginxUnbuffered() throws Exception {
        PathReport report = behind(
                WebServer.Kind.NGINX,
                text -> text.replace(
                        "proxy_http_version 1.1;",
                        "proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;"));
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        bodies(report, MIB, MIB);
        keeps(report);
    }

    @Test
    void nginxWithSmallBodies() throws Exception {
        PathReport report = behind(
                WebServer.Kind.NGINX, text -> text.replace("client_max_body_size 1m;", "client_max_body_size 64k;"));
        bodies(report, 64 << 10, MIB);
        keeps(report);
        assertThat(report.settings()).singleElement().asString().contains("65536", "client_max_body_size");
    }

    @Test
    void apache() throws Exception {
        PathReport report = behind(WebServer.Kind.APACHE, UnaryOperator.identity());
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        bodies(report, MIB, MIB);
        keeps(report);
        assertThat(report.headersAdded()).contains("x-forwarded-for", "x-forwarded-host");
    }

    @Test
    void lighttpd() throws Exception {
        PathReport report = behind(WebServer.Kind.LIGHTTPD, UnaryOperator.identity());
        parts(report, AT_THE_END, AT_THE_END, AT_THE_END);
        bodies(report, MIB, MIB);
        keeps(report);
    }

    @Test
    void haproxy() throws Exception {
        PathReport report = behind(WebServer.Kind.HAPROXY, UnaryOperator.identity());
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        bodies(report, MIB, MIB);
        keeps(report);
        assertThat(report.headersAdded()).containsExactly("x-forwarded-for");
    }

    @Test
    void caddy() throws Exception {
        PathReport report = behind(WebServer.Kind.CADDY, UnaryOperator.identity());
        // It gathers 4 KiB before it sends.
        parts(report, AT_THE_END, AT_THE_END, AT_ONCE);
        bodies(report, MIB, MIB);
        keeps(report);
        assertThat(report.headersAdded()).contains("x-forwarded-for", "x-forwarded-proto");
        assertThat(report.replyHeadersAdded()).contains("server");
    }

    @Test
    void varnish() throws Exception {
        Programs.need("varnishd");
        int port = Programs.freePort();
        try (Programs programs = new Programs(folder)) {
            programs.start(
                    "varnishd",
                    "-F",
                    "-j",
                    "none",
                    "-n",
                    folder.resolve("varnish").toString(),
                    "-a",
                    "127.0.0.1:" + port,
                    "-b",
                    "127.0.0.1:" + endpoint.port(),
                    "-s",
                    "default,16m");
            Programs.awaitListening(port);
            PathReport report = works(probe("http://127.0.0.1:" + port + "/httun"));
            // A byte that comes with the head waits for the next one.
            parts(report, AT_ONCE, AT_THE_END, AT_ONCE);
            bodies(report, MIB, MIB);
            keeps(report);
            assertThat(report.headersAdded()).contains("x-forwarded-for", "x-varnish");
            assertThat(report.replyHeadersAdded()).contains("via", "x-varnish");
        }
    }

    private PathReport through(ProxyProgram proxy) throws InterruptedException {
        PathReport report = works(client(ForwardProxy.at(loops, names, proxy.port()), SECRET, endpoint.url())
                .probe(false));
        assertThat(report.proxy()).contains("forwards");
        return report;
    }

    @Test
    void squid() throws Exception {
        assumeTrue(ProxyProgram.isInstalled("squid"), "squid is not installed");
        try (ProxyProgram squid = ProxyProgram.squid(folder, "http_access allow all")) {
            PathReport report = through(squid);
            parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
            bodies(report, MIB, MIB);
            keeps(report);
            assertThat(report.headersAdded()).contains("via");
            assertThat(report.replyHeadersAdded()).contains("via");
        }
    }

    @Test
    void tinyproxy() throws Exception {
        assumeTrue(ProxyProgram.isInstalled("tinyproxy"), "tinyproxy is not installed");
        try (ProxyProgram tinyproxy = ProxyProgram.tinyproxy(folder, "", "")) {
            PathReport report = through(tinyproxy);
            parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
            bodies(report, MIB, MIB);
            assertThat(report.keptRequests()).as(Json.write(report)).isEqualTo(1);
            assertThat(report.parallel()).isEqualTo(16);
            assertThat(report.headersAdded()).contains("via");
            assertThat(report.settings()).anyMatch(setting -> setting.startsWith("http.keep.alive = false"));
        }
    }

    private PathReport with(Habit habit, boolean idle) throws IOException, InterruptedException {
        try (EmulatedProxy proxy = new EmulatedProxy(habit, endpoint.port())) {
            return client(null, SECRET, proxy.url()).probe(idle);
        }
    }

    @Test
    void cutsAfterTenSeconds() throws Exception {
        PathReport report = works(with(Habit.CUTS_AFTER_10_SECONDS, true));
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        keeps(report);
        assertThat(report.idleSeconds()).as(Json.write(report)).isBetween(9, 18);
        assertThat(report.waitSeconds()).as(Json.write(report)).isBetween(9, 18);
    }

    @Test
    void oneRequestPerConnection() throws Exception {
        PathReport report = works(with(Habit.ONE_REQUEST_PER_CONNECTION, false));
        parts(report, AT_ONCE, AT_ONCE, AT_ONCE);
        bodies(report, MIB, MIB);
        assertThat(report.keptRequests()).isEqualTo(1);
        assertThat(report.parallel()).isEqualTo(16);
        assertThat(report.settings()).singleElement().asString().startsWith("http.keep.alive = false");
    }

    @Test
    void limitOfOneMebibyte() throws Exception {
        PathReport report = works(with(Habit.LIMIT_1_MIB, false));
        bodies(report, MIB, MIB);
        keeps(report);
    }

    @Test
    void refusesPost() throws Exception {
        PathReport report = with(Habit.REFUSES_POST, false);
        assertThat(report.get()).isTrue();
        assertThat(report.post()).isFalse();
        assertThat(report.largestRequest()).isZero();
        assertThat(report.problem())
                .contains(Trouble.PROXY_REFUSES.what(), "status 405", Trouble.PROXY_REFUSES.remedy());
    }

    @Test
    void holdsTheHeadBackUntilTheBody() throws Exception {
        PathReport report = works(with(Habit.HOLDS_HEAD_BACK, false));
        parts(report, AT_THE_END, AT_THE_END, AT_THE_END);
        bodies(report, MIB, MIB);
        keeps(report);
    }

    @Test
    void captivePortal() throws Exception {
        PathReport report = with(Habit.CAPTIVE_PORTAL, false);
        assertThat(report.problem()).contains(Trouble.LOGIN_PAGE.what(), "status 302", Trouble.LOGIN_PAGE.remedy());
        assertThat(report.server()).isEmpty();
    }

    private Path identity(Programs programs, String name) throws Exception {
        Programs.need("openssl");
        programs.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "10",
                "-keyout",
                name + ".key",
                "-out",
                name + ".crt",
                "-subj",
                "/CN=" + name);
        return folder.resolve(name + ".crt");
    }

    @Test
    void tellsWhetherSomethingInterceptsTls() throws Exception {
        Programs.need("haproxy");
        try (Programs programs = new Programs(folder);
                NettyStandalone secure =
                        new NettyStandalone(loops, identity(programs, "server"), folder.resolve("server.key"))) {
            secure.serve(server.service());
            PathReport own = works(probe("https://127.0.0.1:" + secure.port() + "/httun"));
            assertThat(own.tls()).startsWith("TLSv1");
            assertThat(own.issuer()).isEqualTo("CN=server");
            assertThat(own.intercepted()).isEqualTo("no");

            identity(programs, "proxy");
            Files.writeString(
                    folder.resolve("proxy.pem"),
                    Files.readString(folder.resolve("proxy.crt")) + Files.readString(folder.resolve("proxy.key")));
            int port = Programs.freePort();
            Files.writeString(
                    folder.resolve("haproxy.cfg"),
                    String.join(
                            "\n",
                            "defaults",
                            "  mode http",
                            "  timeout connect 10s",
                            "  timeout client 60s",
                            "  timeout server 60s",
                            "listen tls",
                            "  bind 127.0.0.1:" + port + " ssl crt " + folder.resolve("proxy.pem"),
                            "  server httun 127.0.0.1:" + secure.port() + " ssl verify none",
                            ""));
            programs.start("haproxy", "-db", "-f", folder.resolve("haproxy.cfg").toString());
            Programs.awaitListening(port);
            PathReport other = works(probe("https://127.0.0.1:" + port + "/httun"));
            assertThat(other.issuer()).isEqualTo("CN=proxy");
            assertThat(other.intercepted()).isEqualTo("yes");
            assertThat(other.settings())
                    .anyMatch(setting -> setting.startsWith("a proxy intercepts TLS (issuer CN=proxy)"));
        }
    }

    @Test
    void aStrangerLearnsWhatTheAnswerLooksLike() throws Exception {
        PathReport report =
                client(null, SECRET.replace("00", "99"), endpoint.url()).probeAsStranger();
        assertThat(report.problem()).isEmpty();
        assertThat(report.server()).contains("as httun does");
        PathReport wrong =
                client(null, SECRET.replace("00", "99"), endpoint.url()).probe(false);
        assertThat(wrong.problem()).contains(Trouble.NOT_ACCEPTED.what());
    }
}
