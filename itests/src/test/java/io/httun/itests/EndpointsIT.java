// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockOperation;
import io.httun.testpeers.StockSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The distribution with each of its endpoints, ended as systemd and container runtimes do. */
class EndpointsIT {
    private static final int MIB = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Pattern HTTP_PORT = Pattern.compile("-Dhttun\\.demo\\.port=(\\d+)");

    @TempDir
    static Path folder;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"netty", "cxf", "fcgi"})
    void carriesCurlAndAnswersThoseWhoWaitWhenItIsTerminated(String endpoint) throws Exception {
        Assumptions.assumeTrue(
                !endpoint.equals("fcgi") || Files.isExecutable(Path.of("/usr/sbin/lighttpd")), "lighttpd is not there");
        try (ByteServer target = new ByteServer();
                Distribution.Running demo = distribution.demo("--endpoint", endpoint)) {
            Curl curl = Curl.socks5(demo.number("socks5h://127\\.0\\.0\\.1:(\\d+)"));
            curl.download(target, 8 * MIB);
            curl.upload(target, 8 * MIB);
            try (StockSession session = client().init()) {
                byte[] read = session.sealR(StockOperation.TEST_FROM_SRV);
                CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> status(session, read));
                await().during(Duration.ofSeconds(1)).until(() -> !status.isDone());
                demo.terminate();
                assertThat(status.get(10, SECONDS)).isEqualTo(503);
            }
            assertThat(demo.ends(LIMIT)).as("ends within 5 s").isTrue();
        }
    }

    private static StockClient client() throws Exception {
        Path demo = distribution.home().resolve("demo");
        Matcher port = HTTP_PORT.matcher(Files.readString(demo.resolve("data/started-as")));
        assertThat(port.find()).isTrue();
        byte[] secret = HexFormat.of()
                .parseHex(Files.readString(demo.resolve("etc/demo.key")).strip());
        return StockClient.builder(URI.create("http://127.0.0.1:" + port.group(1) + "/httun"), 1, secret)
                .build();
    }

    private static int status(StockSession session, byte[] frame) {
        try {
            return session.sendR(frame).status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anEndpointThatThereIsNotIsRefusedInASentence() {
        for (String command : List.of("demo", "server")) {
            ChildPrograms.Result result = distribution.httun(command, "--endpoint", "apache");
            assertThat(result.exit()).isNotZero();
            assertThat(result.output()).contains("'apache'").contains("netty, cxf or fcgi");
            assertThat(result.output().lines()).hasSize(1);
        }
    }
}
