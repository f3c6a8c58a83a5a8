// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's cgi-fcgi, the client of the FastCGI Developer's Kit. */
@Timeout(30)
class CgiFcgiTest {
    private static final Path PROGRAM = Path.of("/usr/bin/cgi-fcgi");

    @TempDir
    Path folder;

    private final Loops loops = new Loops();
    private FcgiEndpoint endpoint;

    @BeforeEach
    void start() {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), PROGRAM + " is not there (Debian: libfcgi-bin)");
        endpoint = new FcgiEndpoint(loops, Map.of("listen", "unix:" + folder.resolve("s") + ", 127.0.0.1:0"));
        endpoint.open();
        endpoint.addService(
                request -> {
                    TunnelReply reply = new TunnelReply(
                            200,
                            List.of(TunnelReply.NO_STORE),
                            Unpooled.wrappedBuffer(text(request).getBytes(ISO_8859_1)),
                            TunnelReply.Delivery.UNTRACKED);
                    request.body().release();
                    return CompletableFuture.completedFuture(reply);
                },
                Map.of());
    }

    private static String text(TunnelRequest request) {
        return request.method() + " " + request.path() + " " + request.query() + " "
                + request.body().readableBytes();
    }

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.deactivate();
        }
        loops.close();
    }

    private String ask(String connect, Map<String, String> params, byte[] body) throws Exception {
        Path input = Files.write(folder.resolve("body"), body);
        Path output = folder.resolve("answer");
        ProcessBuilder builder = new ProcessBuilder(PROGRAM.toString(), "-bind", "-connect", connect)
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(params);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output, ISO_8859_1);
    }

    @Test
    void isAnsweredOnAUnixSocketAndOverTcp() throws Exception {
        String tcp = endpoint.endpoints().get(0).address().replaceAll(".*, ", "");
        for (String connect : List.of(folder.resolve("s").toString(), tcp)) {
            assertThat(ask(connect, FcgiClient.get("/7/r/01"), new byte[0]))
                    .startsWith("Status: 200 OK\r\n")
                    .contains("cache-control: no-store\r\n")
                    .endsWith("\r\n\r\nGET /7/r/01 m=abc 0");
        }
    }

    @Test
    void sendsALargeBody() throws Exception {
        int length = TunnelRequest.MAX_BODY;
        assertThat(ask(folder.resolve("s").toString(), FcgiClient.post("/7/w/01", length), new byte[length]))
                .endsWith("POST /7/w/01 m=abc " + length);
    }

    @Test
    void isRefusedLikeEveryStranger() throws IOException, Exception {
        Map<String, String> params = FcgiClient.get("/7/r/01");
        params.put("REQUEST_METHOD", "TRACE");
        assertThat(ask(folder.resolve("s").toString(), params, new byte[0]))
                .isEqualTo("Status: 404 Not Found\r\ncache-control: no-store\r\ncontent-length: 0\r\n\r\n");
    }
}
