// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.StatusSource;
import io.httun.api.target.Target;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every tunnel protocol does between our two ends, directly and through Squid.
 *
 * @param <S> the server's component
 */
public abstract class TunnelContract<S extends StatusSource> {
    private static final int MANY = 20_000_000;

    protected final TunnelRig rig = new TunnelRig();

    @TempDir
    protected Path folder;

    protected Programs programs;

    protected abstract BothEnds<S> ends();

    /** How many connections are tried at once; where a protocol carries one at a time, the others wait for their turn. */
    protected int many() {
        return 20;
    }

    @BeforeEach
    void open() {
        programs = new Programs(folder);
        rig.closing(programs::close);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private int serve(int target, Object... more) {
        return ends().port(ends().serverTo(target, more));
    }

    private int tunnel(int target) {
        return ends().through(serve(target), target);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void carriesBothWaysAtOnce() throws Exception {
        int target = rig.echo();
        S server = ends().serverTo(target);
        Echoes.bothWays(ends().through(ends().port(server), target), MANY);
        assertThat(BothEnds.lastCause(server)).isEqualTo("closed");
    }

    @Test
    void manyConnectionsAtOnceAllGetThrough() throws Exception {
        int port = tunnel(rig.echo());
        Echoes.atOnce(port, many(), 100_000);
    }

    @Test
    void tellsTheEndOfTheTargetBehindAllThatItSent() throws Exception {
        byte[] much = new byte[3_000_000];
        try (Socket socket = TunnelRig.dial(
                tunnel(rig.target(asked -> asked.getOutputStream().write(much))))) {
            assertThat(socket.getInputStream().readAllBytes()).hasSize(much.length);
        }
    }

    /** The last of it is on its way when nobody is there any more whom it could be waited for. */
    @Test
    void aTargetGetsAllThatWasSentBeforeTheApplicationClosed() throws Exception {
        CompletableFuture<Integer> got = new CompletableFuture<>();
        int target = rig.target(socket -> got.complete(socket.getInputStream().readAllBytes().length));
        try (Socket socket = TunnelRig.dial(tunnel(target))) {
            socket.getOutputStream().write(new byte[3_000_000]);
        }
        await().untilAsserted(() -> assertThat(got.getNow(0)).isEqualTo(3_000_000));
    }

    @Test
    void stillGetsTheAnswerAfterTheApplicationEndedItsOutput() throws Exception {
        try (Socket socket = TunnelRig.dial(tunnel(rig.echo()))) {
            socket.getOutputStream().write(ascii("hello"));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("hello");
        }
    }

    @Test
    void aTargetThatResetsShowsAsAReset() throws Exception {
        int target = rig.target(socket -> {
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        try (Socket socket = TunnelRig.dial(tunnel(target))) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatCarriesIsCutAndBothEndsNotice() throws Exception {
        int target = rig.echo();
        S server = ends().serverTo(target);
        CutRelay between = new CutRelay(rig, ends().port(server));
        try (Socket socket = TunnelRig.dial(ends().through(between.port(), target))) {
            Echoes.hello(socket);
            between.cut();
            assertThatThrownBy(() -> {
                        socket.getOutputStream().write(ascii("lost"));
                        socket.getInputStream().read();
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void worksThroughSquid() throws Exception {
        int target = rig.echo();
        String squid = "127.0.0.1:" + programs.squid("");
        Echoes.bothWays(ends().through(serve(target), target, "proxy", squid), MANY);
    }

    @Test
    void worksThroughSquidWithCredentials() throws Exception {
        int target = rig.echo();
        String strict = "127.0.0.1:" + programs.squid("user:password");
        String file = programs.secret("user:password").toString();
        int server = serve(target);
        Echoes.bothWays(ends().through(server, target, "proxy", strict, "proxy.auth.file", file), MANY);
        assertThat(ends().failure(server, "127.0.0.1:" + target, "proxy", strict))
                .hasMessageContaining("407")
                .hasMessageContaining("through " + strict);
    }

    @Test
    void logsInWhereItMust() throws Exception {
        int target = rig.echo();
        String file = programs.secret("user:password").toString();
        int server = serve(target, "basic.auth.file", file);
        Echoes.bothWays(ends().through(server, target, "basic.auth.file", file), 1000);
        assertThat(ends().failure(server, "127.0.0.1:" + target)).hasMessageContaining("127.0.0.1:" + server);
    }

    @Test
    void carriesWhatCurlAsks() throws Exception {
        Programs.need("curl");
        int target = rig.target(socket -> {
            socket.getInputStream().read(new byte[1000]);
            socket.getOutputStream().write(ascii("HTTP/1.0 200 OK\r\n\r\nfrom the target"));
        });
        assertThat(programs.run("curl", "-s", "-m", "20", "http://127.0.0.1:" + tunnel(target) + "/"))
                .isEqualTo("from the target");
    }

    /** Whoever makes routes for everything leaves these out, lest the tunnel's own connections go through it. */
    @Test
    void namesItsServerOrTheProxyBeforeItAsTheFirstHop() {
        Target target = Target.of("target.example", 80);
        assertThat(ends().client(8080).firstHops(target)).containsExactly(Target.of("127.0.0.1", 8080));
        assertThat(ends().client(8080, "proxy", "127.0.0.2:3128").firstHops(target))
                .containsExactly(Target.of("127.0.0.2", 3128));
    }

    @Test
    void aConnectionIsClosedByHand() throws Exception {
        int target = rig.echo();
        S server = ends().serverTo(target);
        try (Socket socket = TunnelRig.dial(ends().through(ends().port(server), target))) {
            Echoes.hello(socket);
            assertThat(server.closeConnection(server.connections().get(0).id())).isTrue();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }
}
