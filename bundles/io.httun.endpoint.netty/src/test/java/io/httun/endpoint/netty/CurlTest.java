// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static io.httun.endpoint.netty.Program.curl;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real curl in every mode that it has. */
class CurlTest {
    @TempDir
    Path folder;

    private Rig rig;

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"--http1.0,1.1", "--http1.1,1.1", "--http2,2", "--http2-prior-knowledge,2"})
    void everyVersionOnAPlainConnection(String option, String answered) throws Exception {
        rig = new Rig();
        String url = "http://127.0.0.1:" + rig.port();
        assertThat(curl(option, url + "/echo?a=1")).isEqualTo("GET a=1 |" + answered + " 200");
        assertThat(curl(option, "-d", "body", url + "/echo?b"))
                .startsWith("POST b body|")
                .endsWith(" 200");
        assertThat(curl(option, url + "/7/r/0123456789")).isEqualTo("|" + answered + " 404");
    }

    @ParameterizedTest
    @CsvSource({"--http1.0,1.1", "--http1.1,1.1", "--http2,2"})
    void everyVersionWithTls(String option, String answered) throws Exception {
        rig = new Rig(new Certificates(folder).make("first").settings());
        String url = "https://127.0.0.1:" + rig.port();
        assertThat(curl(option, "-d", "body", url + "/echo?a")).isEqualTo("POST a body|" + answered + " 200");
        assertThat(curl(option, url + "/echo?a=1", url + "/echo?a=2"))
                .isEqualTo("GET a=1 |" + answered + " 200GET a=2 |" + answered + " 200");
    }

    @ParameterizedTest
    @CsvSource({"--http1.1,200 000", "--http2-prior-knowledge,200 000", "--http1.1,1 000 000"})
    void largeBodiesArriveWhole(String option, String size) throws Exception {
        rig = new Rig();
        byte[] bytes = Rig.pattern(Integer.parseInt(size.replace(" ", "")));
        Path sent = Files.write(folder.resolve("sent"), bytes);
        Path got = folder.resolve("got");
        String url = "http://127.0.0.1:" + rig.port() + "/bulk";
        assertThat(curl(option, "-o", got.toString(), "--data-binary", "@" + sent, url))
                .endsWith(" 200");
        assertThat(Files.readAllBytes(got)).isEqualTo(bytes);
        String chunked = "Transfer-Encoding: chunked";
        Files.delete(got);
        assertThat(curl("-H", chunked, "-o", got.toString(), "--data-binary", "@" + sent, url))
                .endsWith(" 200");
        assertThat(Files.readAllBytes(got)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"--http1.1", "--http2-prior-knowledge"})
    void tooLargeABodyGets413(String option) throws Exception {
        rig = new Rig();
        Path sent = Files.write(folder.resolve("sent"), new byte[(1 << 20) + 1]);
        assertThat(curl(
                        option,
                        "-H",
                        "Expect:",
                        "--data-binary",
                        "@" + sent,
                        "http://127.0.0.1:" + rig.port() + "/bulk"))
                .contains(" 413");
    }

    @Test
    void aUnixDomainSocketHasItsModeAndGoesWithTheEndpoint() throws Exception {
        Path socket = folder.resolve("s");
        rig = new Rig("listen", "unix:" + socket, "socket.mode", "0600");
        assertThat(curl("--unix-socket", socket.toString(), "http://x/echo?u")).isEqualTo("GET u |1.1 200");
        assertThat(curl("--unix-socket", socket.toString(), "--http2-prior-knowledge", "http://x/peer"))
                .isEqualTo("|2 200");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        rig.close();
        assertThat(socket).doesNotExist();
        rig = null;
    }

    @Test
    void theProxyProtocolNamesTheClientOnlyIfTheProxyIsNamed() throws Exception {
        rig = new Rig("proxies", "127.0.0.1", "proxy.protocol", true);
        String url = "http://127.0.0.1:" + rig.port() + "/peer";
        assertThat(curl("--haproxy-protocol", "--interface", "127.0.0.1", url)).isEqualTo("127.0.0.1|1.1 200");
        try (Raw raw = rig.raw()) {
            raw.send("PROXY TCP4 203.0.113.9 192.0.2.1 4000 80\r\nGET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(raw.reply()).isEqualTo("200 203.0.113.9");
        }
        try (Raw raw = rig.raw()) {
            byte[] v2 = {
                13,
                10,
                13,
                10,
                0,
                13,
                10,
                0x51,
                0x55,
                0x49,
                0x54,
                10,
                0x21,
                0x11,
                0,
                12,
                (byte) 198,
                51,
                100,
                7,
                1,
                2,
                3,
                4,
                5,
                6,
                0,
                80
            };
            raw.send(v2).send("GET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(raw.reply()).isEqualTo("200 198.51.100.7");
        }
        assertThat(curl(url)).as("a proxy without its header").contains("000");
        rig.change("proxies", "192.0.2.1");
        assertThat(curl("--haproxy-protocol", url))
                .as("a header from a stranger")
                .endsWith(" 400");
    }

    @Test
    void forwardedIsBelievedFromNamedProxiesOnly() throws Exception {
        rig = new Rig("proxies", "127.0.0.0/8, 10.0.0.0/8");
        String url = "http://127.0.0.1:" + rig.port() + "/peer";
        assertThat(curl("-H", "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3", url))
                .startsWith("203.0.113.9|");
        assertThat(curl("-H", "X-Forwarded-For: 203.0.113.9:4711", url)).startsWith("203.0.113.9|");
        assertThat(curl("-H", "X-Forwarded-For: 203.0.113.9, garbage", url)).startsWith("127.0.0.1|");
        assertThat(curl("--http2-prior-knowledge", "-H", "X-Forwarded-For: 2001:db8::1", url))
                .startsWith("2001:db8::1|");
        assertThat(curl("-H", "Forwarded: for=203.0.113.9", url))
                .as("the other header")
                .startsWith("127.0.0.1|");
        rig.change("proxy.header", "forwarded");
        assertThat(curl("-H", "Forwarded: for=6.6.6.6, FOR=\"[2001:db8::7]:99\";proto=http;by=10.0.0.1", url))
                .startsWith("2001:db8::7|");
        rig.change("proxies", "");
        assertThat(curl("-H", "Forwarded: for=203.0.113.9", url)).startsWith("127.0.0.1|");
    }

    @Test
    void theBasePathAndExtraHeadersAreTheEndpoints() throws Exception {
        rig = new Rig("path", "/some/where", "extra.headers", "X-One: 1, Server: plain");
        String url = "http://127.0.0.1:" + rig.port();
        assertThat(curl(url + "/some/where/echo?x")).isEqualTo("GET x |1.1 200");
        assertThat(curl(url + "/echo")).isEqualTo("|1.1 404");
        assertThat(curl(url + "/some/whereecho")).isEqualTo("|1.1 404");
        assertThat(curl("-i", url + "/some/where/echo")).contains("x-one: 1\r\n", "server: plain\r\n");
        assertThat(curl("-i", "--http2-prior-knowledge", url + "/none")).contains("x-one: 1\r\n", "server: plain\r\n");
    }

    @Test
    void strangersSeeTheSite() throws Exception {
        Path site = Files.createDirectories(folder.resolve("site/sub"));
        Files.writeString(folder.resolve("site/index.html"), "<p>home");
        Files.writeString(site.resolve("a.css"), "p {}");
        Files.writeString(folder.resolve("secret"), "secret");
        rig = new Rig("site", folder.resolve("site").toString());
        String url = "http://127.0.0.1:" + rig.port();
        assertThat(curl("-i", url))
                .contains("content-type: text/html", "<p>home")
                .endsWith("|1.1 200");
        assertThat(curl("--http2", url + "/sub/a.css")).isEqualTo("p {}|2 200");
        assertThat(curl("-I", url + "/sub/a.css")).contains("content-length: 4").doesNotContain("p {}");
        assertThat(curl("--path-as-is", url + "/sub/../../secret")).isEqualTo("|1.1 404");
        assertThat(curl("--path-as-is", url + "/..%2fsecret")).isEqualTo("|1.1 404");
        assertThat(curl(url + "/nothing")).isEqualTo("|1.1 404");
        assertThat(curl(url + "/echo?still")).isEqualTo("GET still |1.1 200");
        rig.change("site", "page");
        assertThat(curl(url)).contains("It works").endsWith("|1.1 200");
        rig.change("site", folder.resolve("none").toString());
        assertThat(rig.status(0).state()).contains("change refused: site = ", "must be none, page or a folder");
        assertThat(curl(url)).contains("It works");
    }
}
