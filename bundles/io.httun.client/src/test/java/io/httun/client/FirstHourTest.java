// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a user sees of a client that cannot work yet. */
@Timeout(60)
class FirstHourTest extends AgainstOurServer {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);

    @Test
    void aServerThatCannotBeUsedShowsBeforeTheFirstConnectionAndItsReturnToo() {
        endpoint.away = true;
        client.start();
        await().untilAsserted(() ->
                assertThat(client.status().state()).startsWith("unreachable: ").contains(Trouble.WRONG_PATH.remedy()));
        endpoint.away = false;
        await().until(() -> !client.status().state().startsWith("unreachable"));
    }

    @Test
    void aServerThatCanBeUsedIsTriedOnce() {
        client.start();
        await().until(() -> endpoint.inits.get() > 0);
        await().until(client::isIdle);
        assertThat(client.status().state()).isEqualTo("idle");
        assertThat(endpoint.inits).hasValue(1);
    }

    @Test
    void aConnectorThatThrowsFailsTheConnection() throws IOException {
        fixture.connector = new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                throw new IllegalStateException("broken part");
            }
        };
        client = new TunnelClient(
                Fixture.settings(new WayOut("(name=corp)", false, true, true), endpoint.url()), surroundings);
        try (Targets echo = Targets.echo()) {
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("broken part");
        }
    }

    @Test
    void theInitKeyHasALife() throws IOException {
        ClientContext whole = client.context();
        ClientContext used = new ClientContext(
                whole.settings(),
                surroundings,
                whole.dialer(),
                whole.urls(),
                whole.counters(),
                whole.log(),
                new KeyLife(2, KeyLife.MAX_BLOCKS));
        SessionPool pool = new SessionPool(used);
        EventLoop loop = fixture.group().next();
        for (int i = 0; i < 2; i++) {
            new ServerCheck(loop, pool, () -> false).start();
        }
        await().until(() -> endpoint.inits.get() >= 2);
        new ServerCheck(loop, pool, () -> false).start();
        await().untilAsserted(() -> assertThat(pool.state()).contains("configure a new one at both ends"));
        pool.retire();
        pool.sessions().forEach(session -> loop.execute(() -> session.end()));
    }

    @Test
    void aChannelWithoutTunIsAskedSeldomAndTheStateNamesIt() {
        TunLink link = tunLink(endpoint.url());
        await().untilAsserted(() -> assertThat(link.state()).contains("carries no IP packets"));
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(4)).until(() -> endpoint.inits.get() <= 4);
        link.close();
        await().until(link::isIdle);
    }

    @Test
    void aTunClientWhoseServerDoesNotAnswerStopsAtOnce() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            TunLink link = tunLink("http://127.0.0.1:" + silent.getLocalPort());
            silent.accept();
            link.close();
            await().atMost(Duration.ofSeconds(1)).until(link::isIdle);
        }
    }

    private TunLink tunLink(String url) {
        TunLink link = new TunLink(
                ClientContext.of(Fixture.settings(url), surroundings),
                agreement -> PeerId.of(PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL, 7),
                new PacketJudge(List.of(), () -> null));
        link.start(new NoDevice());
        return link;
    }

    /** Takes packets and has none. */
    private static final class NoDevice implements TunDevice, TunPort {
        @Override
        public String device() {
            return "none";
        }

        @Override
        public int mtu() {
            return 1400;
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public TunPort attach(String user, PacketReceiver receiver) {
            return this;
        }

        @Override
        public int write(PacketBatch batch) {
            return batch.size();
        }

        @Override
        public void drop(TunDrop cause, int packets) {
            // counted nowhere
        }

        @Override
        public void route(Collection<InetAddress> outside) {
            // no routes
        }

        @Override
        public void connected(boolean connected) {
            // nobody asks
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
