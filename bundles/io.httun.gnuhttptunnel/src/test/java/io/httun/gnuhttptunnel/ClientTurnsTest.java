// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.testrig.TunnelRig;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server carries one connection at a time. */
class ClientTurnsTest {
    private final TunnelRig rig = new TunnelRig();
    private final GnuHttptunnelEnds ends = new GnuHttptunnelEnds(rig);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private Future<Channel> connect(TargetConnector client, String target) throws InterruptedException {
        return client.connect(Target.parse(target), rig.loops().group().next());
    }

    @Test
    void whoFindsTheQueueFullIsRefused() throws Exception {
        TargetConnector client = ends.client(GnuHttptunnelEnds.portOf(ends.server(rig.echo())), "queue.max", 0);
        Channel first = connect(client, "any.example:1").sync().getNow();
        assertThat(connect(client, "any.example:1").await().cause())
                .hasMessageContaining("carries one connection at a time");
        first.close();
    }

    @Test
    void whoWaitsTooLongIsRefusedAndTheNextGetsTheTurn() throws Exception {
        TargetConnector client = ends.client(GnuHttptunnelEnds.portOf(ends.server(rig.echo())), "queue.seconds", 1);
        Channel first = connect(client, "any.example:1").sync().getNow();
        assertThat(connect(client, "any.example:1").await().cause())
                .hasMessageContaining("no other connection ended within 1 s");
        Future<Channel> next = connect(client, "any.example:1");
        first.close();
        next.sync().getNow().close();
    }

    @Test
    void anotherTargetThanTheServersIsRefused() throws Exception {
        TargetConnector client = ends.client(1, "target", "ssh.example:22");
        assertThat(connect(client, "web.example:80").await().cause())
                .hasMessageContaining("leads to ssh.example:22 only, not to web.example:80");
    }
}
