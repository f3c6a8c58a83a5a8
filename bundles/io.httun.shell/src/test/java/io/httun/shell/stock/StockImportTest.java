// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.shell.stock.StockImport.End;
import io.httun.shell.stock.StockImport.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StockImportTest {
    private static final String ONE = "11".repeat(32);
    private static final String TWO = "22".repeat(32);
    private static final String UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

    @TempDir
    Path folder;

    private Path etc;

    @BeforeEach
    void start() throws Exception {
        etc = Files.createDirectory(folder.resolve("etc"));
    }

    private Result run(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text);
        return StockImport.run(file, etc, Optional.empty(), new HashMap<>(Map.of(9, "home")));
    }

    private List<String> files() throws Exception {
        try (Stream<Path> all = Files.walk(etc)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> etc.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private String content(String file) throws Exception {
        return Files.readString(etc.resolve(file));
    }

    @Test
    void takesEveryOptionOfAServer() throws Exception {
        Files.writeString(etc.resolve("io.httun.server.cfg"), "# ours\n#uuid =\nsessions.max = 5\n");
        Result result = run(
                "server.toml",
                """
                uuid = "%s"
                [parameters.receive]
                window-length = 64
                [[channels]]
                disabled = true
                id = 1
                shared-secret = "%s"
                tun = "httun-s-a"
                enable-test = true
                colour = "red"
                l7-tunnel.bind-to-interface = "eth1"
                l7-tunnel.address-denylist = [ "10.0.0.0/8", "::1" ]
                l7-tunnel.address-allowlist = [ "10.1.2.3" ]
                http.basic-auth = { user = "ann", password = "p w" }
                http.extra-headers = [ "X-One: 1", "Content-Length: 2", "X-Two: 2" ]
                [[channels]]
                id = 2
                shared-secret = "%s"
                [channels.l7-tunnel]
                disabled = false
                [[channels]]
                id = 3
                shared-secret = "%s"
                l7-tunnel.disabled = true
                """
                        .formatted(UUID, ONE, TWO, "33".repeat(32)));
        assertThat(result.end()).isEqualTo(End.SERVER);
        assertThat(files())
                .containsExactly(
                        "httun/stock-1.auth",
                        "httun/stock-1.key",
                        "httun/stock-2.key",
                        "httun/stock-3.key",
                        "io.httun.channel-stock-1.cfg",
                        "io.httun.channel-stock-2.cfg",
                        "io.httun.channel-stock-3.cfg",
                        "io.httun.connector.direct-stock-1.cfg",
                        "io.httun.filter.address-stock-1.cfg",
                        "io.httun.server.cfg",
                        "io.httun.tun-stock-1.cfg");
        assertThat(content("io.httun.channel-stock-1.cfg"))
                .contains(
                        "name = stock-1\nid = 1\nsecret.file = ${karaf.etc}/httun/stock-1.key\nwindow.length = 64\n"
                                + "enabled = false\ntest = true\n",
                        "filters = stock-1\n",
                        "connector.target = (name=stock-1)\n",
                        "tun.target = (name=stock-1)\n",
                        "basic.auth.file = ${karaf.etc}/httun/stock-1.auth\n",
                        "extra.headers = X-One: 1, X-Two: 2\n",
                        "# line 10: colour = \"red\": is not an option that is known here\n",
                        "'content-length' is no header that can be set here");
        assertThat(content("io.httun.filter.address-stock-1.cfg"))
                .endsWith("name = stock-1\ndeny = 10.0.0.0/8, ::1\nallow = 10.1.2.3\n");
        assertThat(content("io.httun.connector.direct-stock-1.cfg")).endsWith("bind.interface = eth1\n");
        assertThat(content("io.httun.tun-stock-1.cfg")).endsWith("device = httun-s-a\n");
        assertThat(content("io.httun.channel-stock-2.cfg"))
                .contains("filters = none\n")
                .doesNotContain("l7 = false");
        assertThat(content("io.httun.channel-stock-3.cfg")).contains("l7 = false\n");
        assertThat(content("io.httun.server.cfg"))
                .isEqualTo("# ours\n#uuid =\nsessions.max = 5\nuuid = " + UUID + "\n");
        assertThat(content("httun/stock-1.key")).isEqualTo(ONE + "\n");
        assertThat(content("httun/stock-1.auth")).isEqualTo("ann:p w\n");
        for (String secret : List.of("httun/stock-1.key", "httun/stock-1.auth")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(etc.resolve(secret))))
                    .isEqualTo("rw-------");
        }
        assertThat(result.notes())
                .anyMatch(note -> note.startsWith("stock-1: line 10: colour = \"red\""))
                .anyMatch(note -> note.startsWith("stock-2: filters = none: without a deny list"))
                .anyMatch(note -> note.contains("needs feature:install httun-tun"));
    }

    @Test
    void takesEveryOptionOfAClient() throws Exception {
        Result result = run(
                "any.toml",
                """
                uuid = "%s"
                [[channels]]
                urls = [ "https://a.example.org/httun", "http://b.example.org" ]
                alias = "work"
                id = 1
                shared-secret = "%s"
                [channels.http]
                basic-auth = { user = "ann", password = "secret" }
                allow-compression = true
                ignore-tls-errors = false
                extra-headers = [ "X-One: 1" ]
                [[channels]]
                urls = [ "https://c.example.org" ]
                alias = "../etc"
                id = 2
                shared-secret = "%s"
                [[channels]]
                id = 3
                shared-secret = "%s"
                """
                        .formatted(UUID, ONE, TWO, TWO));
        assertThat(result.end()).isEqualTo(End.CLIENT);
        assertThat(files())
                .containsExactly(
                        "httun/stock-2.key",
                        "httun/work.auth",
                        "httun/work.key",
                        "io.httun.client-stock-2.cfg",
                        "io.httun.client-work.cfg");
        assertThat(content("io.httun.client-work.cfg"))
                .contains(
                        "urls = https://a.example.org/httun, http://b.example.org\n",
                        "uuid = " + UUID + "\n",
                        "basic.auth.file = ${karaf.etc}/httun/work.auth\n",
                        "extra.headers = X-One: 1\n",
                        "allow-compression = true: encrypted frames do not get smaller")
                .doesNotContain("tls.trust");
        assertThat(content("io.httun.client-stock-2.cfg")).contains("\ntls.trust = none\n");
        assertThat(result.notes())
                .anyMatch(note -> note.equals("any.toml: line 18: channel 3 has no urls, and was not imported"))
                .anyMatch(note -> note.startsWith("stock-2: tls.trust = none: certificates are not checked"));
    }

    @Test
    void whatCannotBeWrittenStaysAsACommentAndNeverBecomesMore() throws Exception {
        Result result = run(
                "server.toml",
                """
                shared_secret = "%s"
                [[channels]]
                id = 1
                shared-secret = "%s"
                "evil\\nenabled" = "x\\nsecret = y"
                http.extra-headers = [ "X-A: 1, 2", "X-B: ${karaf.home}" ]
                http.basic-auth = { user = "a:b", password = "x" }
                """
                        .formatted(TWO, ONE));
        assertThat(content("io.httun.channel-stock-1.cfg").lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "",
                        "name = stock-1",
                        "id = 1",
                        "secret.file = ${karaf.etc}/httun/stock-1.key",
                        "l7 = false",
                        "");
        assertThat(String.join("\n", result.notes()))
                .contains("server.toml: line 1: shared_secret = ***: is not an option")
                .contains("http.basic-auth = ***: needs a user without colon and a password")
                .contains("http.extra-headers = [\"X-A: 1, 2\",\"X-B: ${karaf.home}\"]: an element with a comma")
                .doesNotContain(ONE, TWO);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id = |server.toml: line 2: is not TOML (",
                "id = \"1\"|server.toml: line 2: id must be a number from 0 to 32767",
                "id = 99999|server.toml: line 2: id must be a number from 0 to 32767",
                "id = 99999999999999999999|server.toml: line 2: id must be a number from 0 to 32767",
                "id = 9|server.toml: line 2: id is that of channel home already; ids must be unique on a server",
                "tun = \"a\"|server.toml: line 1: id is required",
                "id = 1|server.toml: line 1: shared-secret is required",
                "id = 1;shared-secret = \"SECRETx\"|line 3: shared-secret must be 64 hex digits, got 65 characters",
                "id = 1;shared-secret = \"SECRET\";[[channels]];id = 1;shared-secret = \"SECRET\"|line 5: id is that of"
                        + " channel stock-1 already",
                "id = 1;shared-secret = \"SECRET\";[[channels]];id = 2;shared-secret = \"SECRET\"|line 6: shared-secret is"
                        + " that of channel stock-1 too",
                "id = 1;shared-secret = \"SECRET\";disabled = 1|line 4: disabled must be true or false",
                "id = 1;shared-secret = \"SECRET\";tun = \"../../x\"|line 4: tun must be the name of a network interface",
                "id = 1;shared-secret = \"SECRET\";l7-tunnel.address-denylist = [\"nowhere\"]|line 4:"
                        + " l7-tunnel.address-denylist holds what is no network",
                "id = 1;shared-secret = \"SECRET\";l7-tunnel = 3|line 4: l7-tunnel must be a table",
                "id = 1;shared-secret = \"SECRET\";http.basic-auth = {user=\"a\",password=\"SECRET\"}|line 4:"
                        + " http.basic-auth.password must not be the shared secret",
            })
    void whatIsWrongIsOneSentenceWithItsLineAndNothingIsWritten(String lines, String message) {
        String text = ("[[channels]]\n" + lines.replace(';', '\n') + "\n").replace("SECRET", ONE);
        assertThatThrownBy(() -> run("server.toml", text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain(ONE)
                .hasLineCount(1);
        assertThat(etc).isEmptyDirectory();
    }

    @Test
    void whatIsNoSuchFileIsSaid() throws Exception {
        assertThatThrownBy(() -> run("server.toml", "a = 1\n"))
                .hasMessageStartingWith("server.toml: has no [[channels]]");
        assertThatThrownBy(() -> run("server.toml", "uuid = \"00000000-0000-0000-0000-000000000000\"\n[[channels]]\n"))
                .hasMessageStartingWith("server.toml: line 1: uuid must be a UUID other than nil and max");
        assertThatThrownBy(() -> run("x.toml", "[[channels]]\nid = 1\n"))
                .hasMessageEndingWith("say which one it is of with --server or --client");
        assertThatThrownBy(() -> run("server.toml", "x".repeat(2 << 20))).hasMessageContaining("is larger than");
        assertThatThrownBy(() -> run("server.toml", "a = " + "[".repeat(100_000)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is not TOML");
        Files.write(folder.resolve("server.toml"), "a = \"\u00e4\"".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> StockImport.run(folder.resolve("server.toml"), etc, Optional.empty(), new HashMap<>()))
                .hasMessageStartingWith("server.toml: is not UTF-8 text");
        assertThat(etc).isEmptyDirectory();
    }

    @Test
    void anImportOverFilesThatAreThereWritesNothing() throws Exception {
        Files.createDirectory(etc.resolve("io.httun.channel-stock-2.cfg"));
        assertThatThrownBy(() -> run(
                        "server.toml",
                        "[[channels]]\nid=1\nshared-secret=\"" + ONE + "\"\n[[channels]]\nid=2\nshared-secret=\"" + TWO
                                + "\"\n"))
                .hasMessageContaining("io.httun.channel-stock-2.cfg is there already, and nothing was written");
        assertThat(files()).isEmpty();
    }
}
