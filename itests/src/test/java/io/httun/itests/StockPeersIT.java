// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.build;
import static io.httun.itests.KarafOptions.bundleOf;
import static io.httun.itests.KarafOptions.httunClient;
import static io.httun.itests.KarafOptions.httunServer;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockServer;
import io.httun.testpeers.StockSocketMode;
import io.httun.testpeers.StockTestMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;

/** Our server in Karaf and a stock client, a stock server and our client in Karaf. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class StockPeersIT extends InTunnel {
    private static final int MIB = 1 << 20;

    private ByteServer target;
    private byte[] secret;

    @Configuration
    public Option[] configuration() {
        int stock = Ports.free();
        Path file = Keys.write(Path.of(build("work"), "stock-" + Keys.randomId(), "home.key"), Keys.secret());
        return options(
                karaf(),
                bundleOf(StockClient.class),
                webServer(Ports.free()),
                httunServer(file),
                httunClient(file, "http://127.0.0.1:" + stock),
                systemProperty("itests.stock.port").value("" + stock),
                systemProperty("itests.secret.file").value(file.toString()));
    }

    @Before
    public void start() throws Exception {
        target = new ByteServer();
        secret = HexFormat.of()
                .parseHex(Files.readString(Path.of(System.getProperty("itests.secret.file")))
                        .strip());
        awaitChannel();
    }

    @After
    public void end() {
        target.close();
    }

    private StockClient stockClient() throws Exception {
        URI url = URI.create("http://127.0.0.1:" + System.getProperty("itests.web.port") + "/httun");
        StockClient client = StockClient.builder(url, 7, secret).build();
        await("the endpoint").atMost(LIMIT).ignoreExceptions().until(() -> {
            client.init().close();
            return true;
        });
        return client;
    }

    @Test
    public void aStockClientsTestModeGetsItsPongs() throws Exception {
        try (StockTestMode mode = stockClient().test(Duration.ofMillis(1))) {
            await().atMost(LIMIT).until(() -> mode.pongs() >= 20 || mode.sawWrongPong());
            assertThat(mode.sawWrongPong()).isFalse();
            assertThat(mode.lastFailure()).isEmpty();
        }
    }

    @Test
    public void aStockClientsSocketModeLosesNoByte() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port());
        try (StockSocketMode mode = stockClient().socket(address)) {
            Curl curl = Curl.via("--connect-to", "::127.0.0.1:" + mode.localPort());
            // The stock client does not pass a close by the target on, so curl must know the length.
            curl.download(target, 16 * MIB);
            curl.upload(target, 16 * MIB);
        }
    }

    @Test
    public void ourClientUsesAStockServer() throws Exception {
        try (StockServer server = stockServer()) {
            int socks = port("socks");
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(Curl.socks5(socks).get(target.url("/"))).isEqualTo("hello"));
            Curl.socks5(socks).download(target, 16 * MIB);
            Curl.connect(port("connect")).upload(target, 16 * MIB);
            // A session ends by resetting its connections, the r that waits among them; a protocol error reads
            // otherwise.
            assertThat(server.traffic().refusals()).allMatch(refusal -> refusal.endsWith("Connection reset"));
        }
    }

    @Test
    public void ourClientFindsAStockServerAgainThatWasAway() throws Exception {
        try (StockServer server = stockServer()) {
            int socks = port("socks");
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(Curl.socks5(socks).get(target.url("/"))).isEqualTo("hello"));
            server.restart();
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(Curl.socks5(socks).get(target.url("/"))).isEqualTo("hello"));
        }
    }

    private StockServer stockServer() throws Exception {
        return StockServer.builder()
                .channel(7, secret)
                .testEnabled(true)
                .port(Integer.getInteger("itests.stock.port"))
                .start();
    }
}
