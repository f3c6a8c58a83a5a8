// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.tunnel.PathProber;
import io.httun.api.tunnel.PathReport;
import io.httun.toolkit.status.Trouble;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProbeCommandTest {
    private final ProbeCommand command = new ProbeCommand();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void choose() {
        command.client = "home";
    }

    private static PathReport report(String problem) {
        return new PathReport(
                "https://tunnel.test/httun",
                problem,
                List.of("192.0.2.1"),
                1.5,
                "none",
                "TLSv1.3",
                "CN=Proxy\nCA",
                "yes",
                "httun",
                PathReport.AT_ONCE,
                PathReport.AT_THE_END,
                PathReport.AT_THE_END,
                true,
                true,
                65_536,
                1 << 20,
                List.of("via"),
                List.of(),
                List.of(),
                List.of("server"),
                16,
                6,
                10,
                0,
                12.5,
                0,
                2,
                3,
                List.of("do this"));
    }

    private String run(String problem) throws Exception {
        PathProber prober = (idle, progress) -> {
            progress.accept("round trips" + (idle ? ", idle" : ""));
            return report(problem);
        };
        return Run.command(command, new FakeServices().add(PathProber.class, prober, Map.of("name", "home")), printed);
    }

    @Test
    void saysInWordsWhatThePathAllows() throws Exception {
        command.idle = true;
        assertThat(run("").lines())
                .contains(
                        "... round trips, idle",
                        "server: https://tunnel.test/httun (httun)",
                        "addresses: 192.0.2.1, looked up in 1.5 ms",
                        "TLS: TLSv1.3, issuer CN=Proxy?CA, intercepted: yes",
                        "reply: head at once, first byte at the end, first 64 KiB at the end",
                        "largest body: request 64 KiB, reply 1024 KiB",
                        "headers: added to requests: via; added to replies: server",
                        "idle connection: closed after 10 s",
                        "waiting request: not closed",
                        "verdict: this path works",
                        "to do: do this");
    }

    @Test
    void isOneJsonObject() throws Exception {
        command.json = true;
        assertThat(run("").strip())
                .startsWith("{\"url\":\"https://tunnel.test/httun\",\"problem\":\"\"")
                .contains("\"largestRequest\":65536", "\"settings\":[\"do this\"]")
                .doesNotContain("\n");
    }

    @Test
    void failsWhereThePathDoesNotWork() {
        assertThatThrownBy(() -> run(Trouble.SERVER_DOWN.toString()))
                .hasMessage("The path does not work: " + Trouble.SERVER_DOWN);
        assertThat(printed.toString()).contains("verdict: does not work: " + Trouble.SERVER_DOWN);
    }

    @Test
    void namesTheClientsThatThereAre() {
        command.client = "other";
        assertThatThrownBy(() -> run("")).hasMessageContaining("no client channel named other; there is: home");
    }
}
