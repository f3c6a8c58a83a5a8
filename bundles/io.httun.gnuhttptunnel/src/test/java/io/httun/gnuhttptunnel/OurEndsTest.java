// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.testrig.Echoes;
import io.httun.testrig.TunnelContract;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client through our server. */
class OurEndsTest extends TunnelContract<ServerComponent> {
    private final Ends ends = new Ends(rig);

    @Override
    protected Ends ends() {
        return ends;
    }

    /** Each needs two seconds of silence behind its end, and the next one waits for that. */
    @Override
    protected int many() {
        return 5;
    }

    @Test
    void saysThatServersKnowNoHttps() {
        assertThatThrownBy(() -> ends.client(1, "server", "https://a.example"))
                .hasMessageContaining("servers of this protocol know no https");
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
    void aTargetThatRefusesShowsAsAReset() throws Exception {
        int port = ends.through(Ends.portOf(ends.server(1)));
        try (Socket socket = TunnelRig.dial(port)) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }
}
