// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.testrig.Echoes;
import io.httun.testrig.TunnelContract;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client through our server. */
class OurEndsTest extends TunnelContract<GnuHttptunnelServer> {
    private final GnuHttptunnelEnds ends = new GnuHttptunnelEnds(rig);

    @Override
    protected GnuHttptunnelEnds ends() {
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
                .hasMessageContaining("this protocol has no https");
    }

    @ParameterizedTest
    @CsvSource({"102400,102400", "5000,1000000000", "1000000000,5000"})
    void renewsBodiesWithoutLoss(long up, long down) throws Exception {
        GnuHttptunnelServer server = ends.server(rig.echo(), "content.length", down);
        Echoes.bothWays(ends.through(GnuHttptunnelEnds.portOf(server), "content.length", up), 3_000_000);
    }

    /** Squid before 6.13 breaks off a longer one when the server is slower than the client; whether it is, is a matter of luck. */
    @Test
    void aBodyThroughAProxyFitsIntoSquidsBuffer() throws Exception {
        CompletableFuture<String> post = new CompletableFuture<>();
        int proxy = rig.target(socket -> {
            Scanner requests = new Scanner(socket.getInputStream(), StandardCharsets.US_ASCII);
            String head = requests.useDelimiter("\r\n\r\n").next();
            if (head.startsWith("POST ")) {
                post.complete(head);
            }
        });
        ends.failure(1, "anything.example:1", "proxy", "127.0.0.1:" + proxy);
        assertThat(post.join()).contains("\r\nContent-Length: 500000\r\n");
    }

    @Test
    void carriesOneConnectionAfterTheOther() throws Exception {
        int port = ends.through(GnuHttptunnelEnds.portOf(ends.server(rig.echo())));
        for (int i = 0; i < 5; i++) {
            Echoes.bothWays(port, 1000);
        }
    }

    @Test
    void aTargetThatRefusesShowsAsAReset() throws Exception {
        int port = ends.through(GnuHttptunnelEnds.portOf(ends.server(1)));
        try (Socket socket = TunnelRig.dial(port)) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }
}
