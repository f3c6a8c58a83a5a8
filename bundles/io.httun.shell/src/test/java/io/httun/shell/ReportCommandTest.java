// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.karaf.shell.api.console.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

class ReportCommandTest {
    private static final String IN_FILE = "aa11223344556677889900aabbccddeeff00112233445566778899aabbccddee";
    private static final String INLINE = "bb11223344556677889900aabbccddeeff00112233445566778899aabbccddee";
    private static final List<String> SECRETS = List.of(
            IN_FILE,
            INLINE,
            base64(IN_FILE),
            base64(INLINE),
            "hunter2",
            "tr0ub4dor",
            "s3same",
            "MYCOOKIE",
            "bearertoken1");

    @TempDir
    Path folder;

    private final ReportCommand command = new ReportCommand();

    private static String base64(String hex) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(HexFormat.of().parseHex(hex));
    }

    @BeforeEach
    void configure() throws IOException {
        Path etc = Files.createDirectory(folder.resolve("etc"));
        Path key = Files.writeString(folder.resolve("laptop.key"), IN_FILE + "\n");
        Path login = Files.writeString(folder.resolve("login"), "alice:hunter2\n");
        Files.writeString(
                etc.resolve("io.httun.client-laptop.cfg"),
                "name = laptop\nurls = https://tunnel.example.org/httun\nsecret.file = " + key + "\nbasic.auth.file = "
                        + login + "\nextra.headers = X-Api: s3same, \\\n  Cookie: MYCOOKIE\nid = 7\n");
        Files.writeString(
                etc.resolve("io.httun.connector.upstream-p.cfg"),
                "proxies = p=http://bob:tr0ub4dor@proxy.example.org:3128\n");
        Files.writeString(etc.resolve("users.properties"), "httun = tr0ub4dor,admin\n");
        Files.writeString(
                folder.resolve("karaf.log"),
                "INFO started\nWARN key " + IN_FILE + " and " + INLINE.toUpperCase(Locale.ROOT) + " and hunter2\n"
                        + "WARN httun join 'httuns://tunnel.example.org/httun#laptop:7:" + base64(IN_FILE) + "'\n"
                        + "WARN got Authorization: Bearer bearertoken1 from http://bob:tr0ub4dor@proxy.example.org\n"
                        + "WARN Basic "
                        + Base64.getEncoder().encodeToString("alice:hunter2".getBytes(StandardCharsets.UTF_8)) + "\n");
        Files.writeString(etc.resolve("io.httun.channel-home.cfg"), "name = home\nsecret = " + INLINE + "\n");
        command.etc = etc;
        command.log = folder.resolve("karaf.log");
        command.session = FakeServices.proxy(Session.class, (method, args) -> switch (method) {
            case "currentDir" -> folder;
            case "getTerminal", "get" -> null;
            default -> command.out;
        });
        command.file = "report.zip";
    }

    private Map<String, String> report() throws Exception {
        FakeServices services = new FakeServices();
        services.bundle("io.httun.client", Bundle.ACTIVE);
        assertThat(Run.command(command, services)).contains("wrote " + folder.resolve("report.zip"));
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(folder.resolve("report.zip").toFile())) {
            for (Enumeration<? extends ZipEntry> each = zip.entries(); each.hasMoreElements(); ) {
                ZipEntry entry = each.nextElement();
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        return entries;
    }

    @Test
    void hasWhatHelpsAndNoSecret() throws Exception {
        Map<String, String> entries = report();
        assertThat(entries).containsKeys("versions.txt", "health.json", "status.json", "karaf.log");
        assertThat(entries.get("versions.txt")).contains("java.version", "io.httun.client");
        assertThat(entries.get("etc/io.httun.client-laptop.cfg"))
                .contains("urls = https://tunnel.example.org/httun", "secret.file = ", "extra.headers = ***", "id = 7");
        assertThat(entries.get("etc/io.httun.channel-home.cfg")).contains("name = home", "secret = ***");
        assertThat(entries.get("etc/io.httun.connector.upstream-p.cfg")).contains("@proxy.example.org:3128");
        assertThat(entries.get("karaf.log")).contains("INFO started", "httuns://tunnel.example.org/httun#***");
        assertThat(entries).doesNotContainKey("etc/users.properties");
        String all = String.join("\n", entries.values());
        SECRETS.forEach(
                secret -> assertThat(all.toLowerCase(Locale.ROOT)).doesNotContain(secret.toLowerCase(Locale.ROOT)));
        assertThat(all)
                .doesNotContain(Base64.getEncoder().encodeToString("alice:hunter2".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void isForItsOwnerAndOverwritesNothing() throws Exception {
        report();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("report.zip"))))
                .isEqualTo("rw-------");
        assertThatThrownBy(this::report).hasMessageContaining("exists: name another file");
    }
}
