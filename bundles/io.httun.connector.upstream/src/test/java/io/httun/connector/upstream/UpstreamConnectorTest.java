// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.proxy.ForwardingConnector.Forwarding;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.carried.HeldReads;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class UpstreamConnectorTest {
    private static final String OK = "HTTP/1.1 200 Connection established\r\n\r\n";

    @TempDir
    Path folder;

    private final List<ServerSocket> servers = new ArrayList<>();
    private UpstreamRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new UpstreamRig();
    }

    @AfterEach
    void end() throws IOException {
        for (ServerSocket server : servers) {
            server.close();
        }
        rig.close();
    }

    private String proxy(String answer) throws IOException {
        ServerSocket server = UpstreamRig.scripted(answer);
        servers.add(server);
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** A port without a listener. */
    private static String dead() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return "http://127.0.0.1:" + server.getLocalPort();
        }
    }

    @Test
    void losesNothingThatComesTogetherWithTheProxysAnswer() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + proxy(OK + "220 early bird"));
        Channel channel = rig.connect(connector, rig.echo()).getNow();
        assertThat(UpstreamRig.read(channel, 14).orTimeout(10, TimeUnit.SECONDS).join())
                .isEqualTo("220 early bird");
        // The handler that passes the bytes on is still on the event loop's stack when they are read.
        channel.eventLoop().submit(() -> {}).syncUninterruptibly();
        assertThat(channel.pipeline().get(HeldReads.class)).isNull();
        assertThat(channel.pipeline().names()).hasSize(2);
    }

    @Test
    void tellsWhomItConnectsToFirst() {
        UpstreamConnector connector = rig.connector(
                "proxies",
                List.of("a=http://192.0.2.1:3128", "b=socks5://proxy.example:1080", "c=http://192.0.2.3"),
                "ways",
                "inside.example direct, no.example refuse, * via a, c | via b");
        assertThat(connector.firstHops(Target.of("server.example", 443)))
                .containsExactlyInAnyOrder(Target.of("192.0.2.1", 3128), Target.of("proxy.example", 1080));
        assertThat(connector.firstHops(Target.of("inside.example", 443)))
                .containsExactly(Target.of("inside.example", 443));
        assertThat(connector.firstHops(Target.of("no.example", 443))).isEmpty();
    }

    @Test
    void refusesAWayThatLeadsBackToItself() {
        AtomicReference<TargetConnector> second = new AtomicReference<>();
        UpstreamConnector a = over("a", second::get);
        second.set(over("b", () -> a));
        assertThat(rig.refusal(a, rig.echo()))
                .hasMessageStartingWith("connector a -> b -> a: they name each other")
                .satisfies(refusal -> assertThat(refusal.refusal()).isEqualTo(Cause.UNAVAILABLE));
        assertThat(rig.refusal(over("c", () -> a), rig.echo())).hasMessageStartingWith("connector a -> b -> a");
        assertThat(a.firstHops(rig.echo())).isEmpty();
    }

    private UpstreamConnector over(String name, Supplier<TargetConnector> below) {
        return new UpstreamConnector(
                rig.loops, rig, rig.sockets, below, Map.of("name", name, "proxies", "p=http://192.0.2.1:3128"));
    }

    @Test
    void anAttemptThatConnectsAfterItHasGoneIsDrainedToo() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + proxy(OK), "drain.seconds", 0);
        Future<Channel> late = connector.connect(rig.echo(), rig.loops.group().next());
        connector.stop();
        late.awaitUninterruptibly();
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> !late.isSuccess() || !late.getNow().isOpen());
    }

    @Test
    void leavesNothingInThePipeline() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + proxy(OK));
        Channel channel = rig.connect(connector, rig.echo()).getNow();
        assertThat(channel.pipeline().toMap()).isEmpty();
    }

    @Test
    void goesAnotherWayWhenAProxyIsDeadAndRemembersIt() throws IOException {
        String dead = dead();
        String good = proxy(OK + "x");
        UpstreamConnector connector = rig.connector("proxies", List.of("a=" + dead, "b=" + good));
        assertThat(rig.connect(connector, rig.echo()).isSuccess()).isTrue();
        assertThat(connector.proxies().get(0).state()).isEqualTo("dead");
        assertThat(rig.connect(connector, rig.echo()).isSuccess()).isTrue();
        assertThat(connector.proxies().get(0).failures())
                .as("no second attempt")
                .isEqualTo(1);
        assertThat(connector.proxies().get(1).connections()).isEqualTo(2);
    }

    @Test
    void triesDeadProxiesOnceNothingElseIsLeft() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + dead());
        for (int i = 1; i <= 2; i++) {
            RefusedException refusal = rig.refusal(connector, rig.echo());
            assertThat(refusal.refusal()).isEqualTo(Cause.UNAVAILABLE);
            assertThat(refusal)
                    .hasMessageContaining("proxy a (http://127.0.0.1:")
                    .hasMessageContaining("cannot be reached");
            assertThat(connector.proxies().get(0).failures()).isEqualTo(i);
        }
    }

    @Test
    void goesTheWayThatItsTargetHas() throws IOException {
        UpstreamConnector connector = rig.connector(
                "proxies",
                List.of("a=" + proxy("HTTP/1.1 403 no\r\ncontent-length: 0\r\n\r\n"), "b=" + dead()),
                "ways",
                "10.*:25 refuse, 127.0.0.1 direct, *.fallback.test via b | direct, *.via.test via a");
        rig.echoes(connector, rig.echo());
        rig.echoes(connector, Target.of("x.fallback.test", rig.echo().port()));
        assertThat(rig.refusal(connector, Target.of("x.via.test", 80)).refusal())
                .isEqualTo(Cause.DENIED);
        assertThat(rig.refusal(connector, Target.of("10.0.0.1", 25)))
                .hasMessage("connector corp: ways has no way to 10.0.0.1:25");
        assertThat(rig.refusal(connector, Target.of("other.test", 25)).refusal())
                .isEqualTo(Cause.DENIED);
    }

    @Test
    void asksForTheAddressThatWasChecked() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + proxy("HTTP/1.1 502 no\r\n\r\n"));
        Target checked = Target.of("a.test", 80).withAddresses(List.of(NetUtil.LOCALHOST4));
        assertThat(rig.refusal(connector, checked).refusal()).isEqualTo(Cause.UNREACHABLE);
        UpstreamRig.Recorder recorder = new UpstreamRig.Recorder();
        servers.add(recorder.server());
        UpstreamConnector recorded = rig.connector("proxies", "a=http://127.0.0.1:" + recorder.port());
        assertThat(rig.connect(recorded, checked).isSuccess()).isTrue();
        assertThat(rig.connect(recorded, Target.of("a.test", 80)).isSuccess()).isTrue();
        assertThat(recorder.heads())
                .first()
                .asString()
                .startsWith("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80");
        assertThat(recorder.heads()).last().asString().startsWith("CONNECT a.test:80 HTTP/1.1");
    }

    @Test
    void passesOnWhereTheRequestHasBeenButNoLineOfItsOwn() throws IOException {
        UpstreamRig.Recorder recorder = new UpstreamRig.Recorder();
        servers.add(recorder.server());
        UpstreamConnector connector = rig.connector("proxies", "a=http://127.0.0.1:" + recorder.port());
        for (String via : List.of("", "1.0 first, 1.1 here", "1.1 a\r\nX: y")) {
            RequestContext context = new RequestContext("", Optional.empty(), via);
            assertThat(connector
                            .connect(
                                    Target.of("a.test", 80),
                                    context,
                                    rig.loops.group().next())
                            .awaitUninterruptibly()
                            .isSuccess())
                    .isTrue();
        }
        assertThat(recorder.heads().get(0)).doesNotContain("Via");
        assertThat(recorder.heads().get(1)).contains("\r\nVia: 1.0 first, 1.1 here\r\n");
        assertThat(recorder.heads().get(2)).contains("\r\nVia: 1.1 a??X: y\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SSH-2.0-x                                 | UNAVAILABLE | sends a reply that is not HTTP
                    HTTP/1.1 403 no                           | DENIED      | answered CONNECT to 127.0.0.1:
                    HTTP/1.1 504 slow                         | TIMED_OUT   | with 504
                    HTTP/1.1 418 teapot                       | FAILED      | with 418
                    HTTP/1.1 407 x                            | UNAVAILABLE | requires a login (407) by no known scheme
                    HTTP/1.1 401 x                            | UNAVAILABLE | rejects the login
                    """)
    void saysWhatAProxyAnswered(String line, Cause cause, String message) throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + proxy(line + "\r\ncontent-length: 0\r\n\r\n"));
        RefusedException refusal = rig.refusal(connector, rig.echo());
        assertThat(refusal.refusal()).isEqualTo(cause);
        assertThat(refusal).hasMessageContaining(message);
    }

    @Test
    void givesUpAProxyThatDoesNotAnswer() throws IOException {
        ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        servers.add(silent);
        UpstreamConnector connector =
                rig.connector("proxies", "a=socks5://127.0.0.1:" + silent.getLocalPort(), "connect.seconds", 1);
        RefusedException refusal = rig.refusal(connector, rig.echo());
        assertThat(refusal.refusal()).isEqualTo(Cause.TIMED_OUT);
        assertThat(refusal).hasMessageContaining("did not answer within 1 s (connect.seconds)");
    }

    @Test
    void leadsToTheProxyItselfWhereThatForwards() throws IOException {
        UpstreamConnector connector = rig.connector(
                "proxies", List.of("a=" + proxy(OK), "b=" + proxy(OK)), "ways", "*.test via a, b, 127.0.0.1 direct");
        Future<Forwarding> forwarding = connector
                .forward(Target.of("a.test", 80), rig.loops.group().next())
                .awaitUninterruptibly();
        assertThat(forwarding.getNow().proxy()).isPresent();
        Future<Forwarding> direct =
                connector.forward(rig.echo(), rig.loops.group().next()).awaitUninterruptibly();
        assertThat(direct.getNow().proxy()).isEmpty();
    }

    @Test
    void isRefusedWhileItsConnectorIsNotThere() {
        UpstreamConnector connector = new UpstreamConnector(
                rig.loops, rig, rig.sockets, () -> null, Map.of("name", "corp", "proxies", "a=http://127.0.0.1:1"));
        RefusedException refusal = rig.refusal(connector, rig.echo());
        assertThat(refusal.refusal()).isEqualTo(Cause.UNAVAILABLE);
        assertThat(refusal).hasMessage("connector corp: the connector of connector.target is not available");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    proxies          | a                          | must be NAME=URL
                    proxies          | a=ftp://h:1                | must be NAME=URL
                    proxies          | a=http://u:pw@h:1          | put them into credentials.file
                    proxies          | a=http://h:1,a=http://h:2  | two proxies the same name
                    proxies          | ''                         | at least one NAME=URL
                    ways             | *                          | must be 'HOST[:PORT] refuse'
                    ways             | * via b                    | there is no proxy 'b'; there are a
                    ways             | *:0 direct                 | the port must be 1 to 65535
                    auth.methods     | kerberos                   | must be digest, ntlm or basic
                    tls.trust        | /nowhere                   | cannot be read
                    tls.pin          | 12:34                      | must be a SHA-256: 64 hex digits
                    connect.seconds  | 0                          | must be 1 to 600
                    connector.target | (name=corp)                | leads back to this connector
                    credentials.file | /nowhere                   | cannot be read
                    """)
    void refusesAWrongConfiguration(String property, String value, String message) {
        Map<String, Object> all = new HashMap<>(Map.of("proxies", "a=https://h:1"));
        all.put(property, value);
        Object[] pairs = all.entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
        assertThatThrownBy(() -> rig.connector(pairs))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(property)
                .hasMessageContaining(message)
                .hasMessageNotContaining("pw@");
    }

    @Test
    void refusesCredentialsThatCannotBeMeant() throws IOException {
        for (String line : List.of("a alice", "b alice:secret", "a :secret")) {
            String file = UpstreamRig.secrets(folder, line).toString();
            assertThatThrownBy(() -> rig.connector("proxies", "a=http://h:1", "credentials.file", file))
                    .hasMessageContaining("entry 1 ")
                    .hasMessageNotContaining("secret\"");
        }
    }

    @Test
    void goesThroughNoListenerOfItsOwnProcess() throws IOException {
        try (ServerSocket own = UpstreamRig.scripted("HTTP/1.1 200 ok\r\n\r\n")) {
            rig.sockets.add(own.getLocalSocketAddress());
            for (String kind : List.of("http", "socks4a", "socks5")) {
                RefusedException refusal = rig.refusal(
                        rig.connector("proxies", "a=" + kind + "://127.0.0.1:" + own.getLocalPort()), rig.echo());
                assertThat(refusal.refusal()).isEqualTo(Cause.DENIED);
                assertThat(refusal).hasMessageEndingWith("is a listener of this process: the connection would loop");
            }
            rig.echoes(
                    rig.connector("proxies", "a=http://127.0.0.1:" + own.getLocalPort(), "ways", "* via a | direct"),
                    rig.echo());
        }
    }

    @Test
    void keepsItsConfigurationWhenTheNewOneIsWrong() throws IOException {
        UpstreamConnector connector = rig.connector("proxies", "a=" + dead());
        rig.refusal(connector, rig.echo());
        connector.modified(Map.of("name", "corp", "proxies", "nonsense"));
        assertThat(connector.proxies()).hasSize(1);
        assertThat(connector.proxies().get(0).failures()).isEqualTo(1);
    }
}
