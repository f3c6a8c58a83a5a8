// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections to a port of the server reach a target at the client's side. */
@Timeout(60)
class ReversePortTest {
    private final ListenerRig rig = new ListenerRig("auto");
    private int port;

    @BeforeEach
    void open() throws IOException {
        rig.streams();
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private ReversePort reverse(int target, Object... more) {
        List<Object> all = new ArrayList<>(List.of("listen", "127.0.0.1:" + port, "target", "127.0.0.1:" + target));
        all.addAll(List.of(more));
        return rig.reverse(all.toArray());
    }

    private Socket dial() {
        Socket[] dialled = new Socket[1];
        await().ignoreExceptions().until(() -> {
            dialled[0] = new Socket(InetAddress.getLoopbackAddress(), port);
            dialled[0].setSoTimeout(ListenerRig.READ_MILLIS);
            return true;
        });
        return dialled[0];
    }

    private void exchange() throws IOException {
        try (Socket socket = dial()) {
            socket.getOutputStream().write("hello".getBytes());
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes())).isEqualTo("hello");
        }
    }

    @Test
    void carriesMoreConnectionsThanStreamsWait() throws IOException {
        ReversePort reverse = reverse(rig.echo(), "reverse.waiting", 2);
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            open.add(dial());
        }
        for (Socket socket : open) {
            socket.getOutputStream().write(7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
        }
        assertThat(reverse.status().connections()).isEqualTo(20);
        await().until(() -> reverse.status().waiting() == 2);
        for (Socket socket : open) {
            socket.close();
        }
        await().until(() -> reverse.status().connections() == 0);
        assertThat(reverse.origin().closedConnections())
                .allMatch(one -> one.end().equals("COMPLETE"));
    }

    @Test
    void listensAgainAfterThePipesWereLost() throws IOException {
        ReversePort reverse = reverse(rig.echo());
        exchange();
        rig.pipesOpen.forEach(Channel::close);
        await().until(() -> rig.pipesOpen.stream().filter(Channel::isOpen).count() > 0
                && reverse.status().waiting() == 4);
        exchange();
    }

    @Test
    void aTargetThatRefusesIsAReset() throws IOException {
        ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        closed.close();
        ReversePort reverse = reverse(closed.getLocalPort());
        try (Socket socket = dial()) {
            assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("reset");
        }
        await().until(() -> reverse.status().waiting() == 4);
        assertThat(reverse.origin().closedConnections().get(0).end()).isEqualTo("CONNECTION_REFUSED");
    }

    @Test
    void filtersJudgeTheTarget() throws IOException {
        ReversePort reverse = reverse(rig.echo(), "filters", "missing");
        try (Socket socket = dial()) {
            assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("reset");
        }
        assertThat(reverse.origin().closedConnections().get(0).end()).isEqualTo("DENIED");
    }

    @Test
    void waitsUntilAPortThatIsTakenIsFree() throws IOException {
        ReversePort reverse;
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            reverse = reverse(rig.echo());
            await().until(() -> reverse.status().state().contains("taken at the server"));
            assertThat(other.isBound()).isTrue();
        }
        exchange();
        assertThat(reverse.status().state()).isEqualTo("waiting");
    }

    @Test
    void aChangedPortIsListenedOnInstead() throws IOException {
        int target = rig.echo();
        ReversePort reverse = reverse(target);
        exchange();
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        reverse.change(ReverseSettings.read(
                Map.of("name", "test", "listen", "127.0.0.1:" + port, "target", "127.0.0.1:" + target)));
        exchange();
    }

    @Test
    void saysThatItDoesNotListenUntilItDoes() throws IOException {
        ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        ReversePort reverse = reverse(rig.echo());
        await().until(() -> reverse.status().state().startsWith("not listening: "));
        // Each new request is refused, too.
        await().during(Duration.ofSeconds(2))
                .until(() -> reverse.status().state().startsWith("not listening: "));
        taken.close();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> reverse.status().state().equals("waiting"));
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> ReverseSettings.read(Map.of("name", "x", "listen", "127.0.0.1:0", "target", "a:1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("port 1 to 65535");
        assertThatThrownBy(() -> ReverseSettings.read(
                        Map.of("name", "x", "listen", "*:80", "target", "a:1", "reverse.waiting", 65)))
                .hasMessageContaining("reverse.waiting");
    }
}
