// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder of version 0.1.0 started with this version. {@code base-0.1.0.tar.gz} is what 0.1.0 left behind after {@code httun
 * server} and {@code feature:install httun-bridge httun-tun}, without copies of bundles and without keys.
 */
class UpgradeIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    static Path folder;

    private static Distribution distribution;

    private Path base;
    private Path etc;

    @BeforeAll
    static void unpack() {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("dist"));
    }

    @BeforeEach
    void older(@TempDir Path temporary) throws Exception {
        base = Files.createDirectories(temporary.resolve("a base"));
        etc = base.resolve("etc");
        Path archive = Path.of(UpgradeIT.class.getResource("/base-0.1.0.tar.gz").toURI());
        ChildPrograms.run(LIMIT, "tar", "xzf", archive + "", "-C", base + "").ok();
        append("org.ops4j.pax.web.cfg", "org.osgi.service.http.port = " + Ports.free());
        append("org.ops4j.pax.logging.cfg", "log4j2.logger.mine.name = my.own\nlog4j2.logger.mine.level = DEBUG");
        append("custom.properties", "my.own = 1");
        append("io.httun.relay.cfg", "connections.max = 77");
        // The command's own login is not in the archive, and an account of the operator keeps it from being made.
        append(
                "users.properties",
                "httun = " + Keys.randomId() + ",_g_:admingroup\n_g_\\:admingroup = group,admin,ssh");
        append("users.properties", "ann = secret,admin");
        Files.writeString(
                etc.resolve("io.httun.channel-own.cfg"),
                "name = own\nid = 5\nsecret.file = ${karaf.etc}/httun/own.key\n");
        Files.writeString(etc.resolve("httun/own.key"), "ab".repeat(32) + "\n");
        Files.setPosixFilePermissions(etc.resolve("httun/own.key"), PosixFilePermissions.fromString("rw-------"));
        Files.delete(etc.resolve("io.httun.endpoint.fcgi-default.cfg"));
        Path journals = base.resolve("data/cache/bundle107/data/devices");
        Files.createDirectories(journals);
        Files.writeString(journals.resolve("io.httun.tun%7Ekept.properties"), "device=\nmade=false\n");
        Files.writeString(etc.resolve("io.httun.tun-kept.cfg"), "# disabled\n");
    }

    private void append(String name, String lines) throws IOException {
        Files.writeString(etc.resolve(name), '\n' + lines + '\n', StandardOpenOption.APPEND);
    }

    @Test
    void whatTheOperatorWroteAndWhatMustLastStaysAndKarafsOwnFilesAreTheNewOnes() throws Exception {
        try (Distribution.Running server = distribution.start(base, "server")) {
            server.awaitOutput("httun server");
            assertThat(server.output())
                    .contains("converted " + base.toRealPath() + " for this version")
                    .contains("a copy of etc/ is " + base.toRealPath() + "/etc-before-upgrade")
                    .contains("no longer apply, docs/upgrade.md has their new places: custom.properties\n");
            String features = shell("feature:list -i --no-format");
            assertThat(features).contains("httun-bridge", "httun-tun", "httun-server-base");
            assertThat(shell("httun:channel-list")).contains("own");
            assertThat(shell("log:get my.own")).contains("DEBUG");
            assertThat(shell("config:property-get --pid io.httun.relay connections.max"))
                    .contains("77");
            assertThat(shell("system:property karaf.etc")).contains(etc.toRealPath() + "");
            stop(server);
        }
        assertThat(etc.resolve("requested-features")).content().contains("\nhttun-bridge\nhttun-tun\n");
        assertThat(names(etc))
                .contains("io.httun.channel-own.cfg", "users.properties", "host.key", "org.ops4j.pax.logging.cfg")
                .doesNotContain(
                        "config.properties",
                        "startup.properties",
                        "jre.properties",
                        "system.properties",
                        "custom.properties",
                        "httun-assembly.xml",
                        "keys.properties",
                        "io.httun.endpoint.fcgi-default.cfg");
        for (String own : new String[] {"org.apache.karaf.features.cfg", "org.ops4j.pax.url.mvn.cfg"}) {
            assertThat(etc.resolve(own))
                    .hasSameTextualContentAs(
                            distribution.home().resolve("karaf").resolve(own));
        }
        assertThat(etc.resolve("users.properties")).content().contains("ann = secret,admin");
        assertThat(base.resolve("data/httun/devices/io.httun.tun%7Ekept.properties"))
                .exists();
        Path copy = base.resolve("etc-before-upgrade");
        assertThat(names(copy)).contains("config.properties", "io.httun.channel-own.cfg");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rwx------");
        assertThat(distribution.home().resolve("karaf/config.properties"))
                .content()
                .containsPattern("karaf.shutdown.command *= *none")
                .doesNotContain("Generated command");
        keepsWhatIsInstalledAndUninstalledLater();
    }

    /** Another mode has Karaf resolve anew, as another version does. */
    private void keepsWhatIsInstalledAndUninstalledLater() throws Exception {
        try (Distribution.Running server = distribution.start(base, "server")) {
            server.awaitOutput("httun server");
            assertThat(server.output()).doesNotContain("converted");
            shell("feature:install httun-metrics");
            shell("feature:uninstall httun-bridge");
            shell("log:set TRACE my.other");
            stop(server);
        }
        Files.writeString(etc.resolve("requested-features"), "no-such-feature\n", StandardOpenOption.APPEND);
        try (Distribution.Running server = distribution.start(base, "server", "--endpoint", "cxf")) {
            server.awaitOutput("httun server");
            assertThat(server.output())
                    .contains("there is no feature 'no-such-feature' in this version; it is left out");
            assertThat(shell("feature:list -i --no-format"))
                    .contains("httun-metrics", "httun-tun")
                    .doesNotContain("httun-bridge", "httun-endpoint-netty");
            assertThat(shell("log:get my.other")).contains("TRACE");
        }
    }

    private void stop(Distribution.Running server) throws InterruptedException {
        distribution.httunIn(base, "stop").ok();
        assertThat(server.ends(LIMIT)).isTrue();
    }

    private String shell(String command) {
        return distribution.httunIn(base, "shell", command).ok().output();
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
