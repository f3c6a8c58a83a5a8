// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.commonmark.node.FencedCodeBlock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The changes of {@code docs/tls.md} to the examples: each web server takes the result. */
class TlsExamplesTest {
    private static final long SECONDS = 120;
    private static final Map<String, String> REPLACED = Map.of(
            "nginx", "listen 127.0.0.1:8080;",
            "apache", "Listen 127.0.0.1:8080",
            "lighttpd", "server.bind = \"127.0.0.1\"");

    @TempDir
    Path folder;

    private static List<String> blocks(String page, String language) throws IOException {
        List<String> found = MarkdownPage.all(
                        MarkdownPage.read(Repository.ROOT.resolve("docs").resolve(page))
                                .document(),
                        FencedCodeBlock.class)
                .stream()
                .filter(block -> block.getInfo().equals(language))
                .map(FencedCodeBlock::getLiteral)
                .toList();
        assertThat(found).isNotEmpty();
        return found;
    }

    private void run(String... command) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, proxy",
        "nginx, fastcgi",
        "apache, proxy",
        "apache, fastcgi",
        "lighttpd, proxy",
        "lighttpd, fastcgi"
    })
    void aWebServerTakesTheChangedExample(String server, String kind) throws Exception {
        Path program = Path.of("/usr/sbin", server.equals("apache") ? "apache2" : server);
        assumeThat(program).as(program + " is not there").isExecutable();
        if (server.equals("lighttpd")) {
            assumeThat(Path.of("/usr/lib/lighttpd/mod_openssl.so"))
                    .as("lighttpd-mod-openssl is not there")
                    .exists();
        }
        makeCertificate();
        String replaced = REPLACED.get(server);
        assertThat(Files.readString(Repository.ROOT.resolve("docs/tls.md"))).contains('`' + replaced + '`');
        String example = Files.readString(Repository.ROOT.resolve("config/webserver/" + server + '-' + kind + ".conf"));
        assertThat(example).contains(replaced);
        Path changed = folder.resolve("changed.conf");
        Files.writeString(
                changed,
                example.replace(replaced, blocks("tls.md", server).get(0))
                        .replace("/etc/letsencrypt/live/tunnel.example.org", folder.toString())
                        .replace("/run/httun-", folder + "/run-")
                        .replace("/var/log/httun-", folder + "/log-")
                        .replace("/var/www", folder.toString()));
        switch (server) {
            case "nginx" -> run(program.toString(), "-t", "-c", changed.toString());
            case "apache" -> run(program.toString(), "-t", "-f", changed.toString());
            default -> run(program.toString(), "-tt", "-f", changed.toString());
        }
    }

    private void makeCertificate() throws Exception {
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=tunnel.example.org",
                "-keyout",
                folder.resolve("privkey.pem").toString(),
                "-out",
                folder.resolve("fullchain.pem").toString());
    }

    @Test
    void theFirewallTakesItsRules() throws Exception {
        Path nft = Path.of("/usr/sbin/nft");
        assumeThat(nft).as("nft is not there").isExecutable();
        for (String rules : blocks("first-day.md", "nft")) {
            // No user httun is needed here.
            Path file = Files.writeString(folder.resolve("rules.nft"), rules.replace("\"httun\"", "0"));
            run(nft.toString(), "-c", "-f", file.toString());
        }
    }
}
