// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.testrig.Echoes;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client through our server. */
class OurEndsTest {
    private static final int MANY = 20_000_000;

    private final TunnelRig rig = new TunnelRig();
    private final Ends ends = new Ends(rig);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void carriesBothWaysAtOnce() throws Exception {
        ServerComponent server = ends.server(rig.echo());
        Echoes.bothWays(ends.through(Ends.portOf(server)), MANY);
        assertThat(Ends.lastCause(server)).isEqualTo("closed");
    }

    @ParameterizedTest
    @CsvSource({"102400,102400", "5000,1000000000", "1000000000,5000"})
    void renewsBodiesWithoutLoss(long up, long down) throws Exception {
        ServerComponent server = ends.server(rig.echo(), "content.length", down);
        Echoes.bothWays(ends.through(Ends.portOf(server), "content.length", up), 3_000_000);
    }

    @Test
    void carriesOneConnectionAfterTheOther() throws Exception {
        int port = ends.through(Ends.portOf(ends.server(rig.echo())));
        for (int i = 0; i < 5; i++) {
            Echoes.bothWays(port, 1000);
        }
    }

    @Test
    void tellsTheEndOfTheTarget() throws Exception {
        int target = rig.target(socket -> socket.getOutputStream().write("bye".getBytes("US-ASCII")));
        int port = ends.through(Ends.portOf(ends.server(target)));
        try (Socket socket = TunnelRig.dial(port)) {
            assertThat(new String(socket.getInputStream().readAllBytes(), "US-ASCII"))
                    .isEqualTo("bye");
        }
    }

    @Test
    void stillGetsTheAnswerAfterTheApplicationEndedItsOutput() throws Exception {
        int port = ends.through(Ends.portOf(ends.server(rig.echo())));
        try (Socket socket = TunnelRig.dial(port)) {
            socket.getOutputStream().write("hello".getBytes("US-ASCII"));
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), "US-ASCII"))
                    .isEqualTo("hello");
        }
    }

    @Test
    void aTargetThatResetsShowsAsAReset() throws Exception {
        int target = rig.target(socket -> {
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        int port = ends.through(Ends.portOf(ends.server(target)));
        try (Socket socket = TunnelRig.dial(port)) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aTargetThatRefusesShowsAsAReset() throws Exception {
        int port = ends.through(Ends.portOf(ends.server(1)));
        try (Socket socket = TunnelRig.dial(port)) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }
}
