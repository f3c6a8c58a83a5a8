// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package, the units for systemd, the completion and the entry point of the container. */
class PackagesIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final String JAVA = System.getProperty("java.home");

    @TempDir
    static Path folder;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"));
        // Other users have to reach it.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(distribution.home(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String run(String... command) {
        return ChildPrograms.run(LIMIT, command).ok().output();
    }

    private static void need(String program) {
        Assumptions.assumeTrue(
                Stream.of("/usr/bin/", "/bin/", "/usr/sbin/")
                        .anyMatch(place -> Files.isExecutable(Path.of(place + program))),
                program + " is not there");
    }

    private static Path deb() {
        return Path.of("../karaf-assembly/target/httun_" + KarafOptions.build("version") + "_all.deb");
    }

    @Test
    void theDebianPackageHasEverythingInItsPlaceAndHttunRunsFromIt() throws Exception {
        need("dpkg-deb");
        Assumptions.assumeTrue(Files.exists(deb()), "the package was not built here");
        assertThat(run("dpkg-deb", "-I", deb() + ""))
                .contains(
                        "Package: httun", "Architecture: all", "Depends: openjdk-17-jre-headless", "postinst", "prerm");
        assertThat(run("dpkg-deb", "-c", deb() + ""))
                .containsPattern("-rwxr-xr-x root/root .* \\./usr/share/httun/bin/httun\n")
                .containsPattern("l\\S+ .* \\./usr/bin/httun -> /usr/share/httun/bin/httun\n")
                .containsPattern("-rw-r--r-- root/root .* \\./usr/lib/systemd/system/httun-server.service\n")
                .contains(
                        "./usr/lib/systemd/system/httun-client.service",
                        "./usr/lib/systemd/system/httun-proxy.service",
                        "./usr/share/man/man1/httun.1.gz",
                        "./usr/share/bash-completion/completions/httun",
                        "./usr/share/zsh/vendor-completions/_httun",
                        "./usr/share/doc/httun/copyright")
                .doesNotContain("./etc/", "./var/");
        Path root = folder.resolve("root");
        run("dpkg-deb", "-x", deb() + "", root + "");
        String httun = root.resolve("usr/share/httun/bin/httun") + "";
        assertThat(run("env", "JAVA_HOME=" + JAVA, httun, "--version")).contains(KarafOptions.build("version"));
        assertThat(run("cat", root.resolve("usr/lib/systemd/system/httun-server.service") + ""))
                .contains("ExecStart=/usr/bin/httun server", "Type=notify", "WatchdogSec=");
        assertThat(ChildPrograms.run(
                                LIMIT,
                                "env",
                                "-u",
                                "HTTUN_BASE",
                                "JAVA_HOME=" + JAVA,
                                httun,
                                "join",
                                "httun://h/p#n:1:x")
                        .output())
                .contains("no client runs: start it with systemctl enable --now httun-client");
        int port = Ports.free();
        Distribution packaged = new Distribution(root.resolve("usr/share/httun"));
        try (Distribution.Running proxy =
                packaged.proxy(folder.resolve("deb base"), port, "--socks", "127.0.0.1:" + port)) {
            proxy.awaitOutput("httun proxy is ready");
        }
    }

    @Test
    void dpkgInstallsAndPurgesItAndTheProxyOfItsUnitStarts() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root installs packages");
        Stream.of("dpkg", "unshare", "setpriv").forEach(PackagesIT::need);
        Assumptions.assumeTrue(Files.exists(deb()), "the package was not built here");
        Path script = Path.of(PackagesIT.class.getResource("/installed-deb.sh").toURI());
        String output = run(
                "unshare",
                "-m",
                "sh",
                script + "",
                Files.createDirectories(folder.resolve("overlay")) + "",
                deb().toRealPath() + "",
                JAVA,
                Ports.free() + "");
        Assumptions.assumeFalse(output.contains("no overlay"), "the kernel has no overlay file system");
        assertThat(output.lines().filter(line -> !line.contains("httun proxy")))
                .containsExactly(
                        "-rwxr-xr-x root /usr/share/httun/bin/httun",
                        "drwxr-xr-x root /usr/share/httun/karaf/resolved",
                        "-rw-r--r-- root /usr/lib/systemd/system/httun-proxy.service",
                        output.lines()
                                .filter(line -> line.startsWith("httun:x:"))
                                .findFirst()
                                .orElse("a user httun"),
                        "httun 600",
                        "purged");
        assertThat(output).contains("httun proxy is ready: socks5h://127.0.0.1:");
    }

    @Test
    void systemdFindsNothingWrongWithTheUnits() throws Exception {
        need("systemd-analyze");
        Path units = Files.createDirectories(folder.resolve("units"));
        for (String mode : List.of("server", "client", "proxy")) {
            Path unit = units.resolve("httun-" + mode + ".service");
            Files.writeString(
                    unit,
                    Files.readString(distribution.home().resolve("share/systemd/httun-" + mode + ".service"))
                            .replace("/opt/httun", distribution.home() + "")
                            .replace("User=httun", "User=root")
                            .replace("Group=httun", "Group=root"));
            ChildPrograms.Result result = ChildPrograms.run(LIMIT, "systemd-analyze", "verify", "--man=no", unit + "");
            assertThat(result.output().lines().filter(line -> line.contains("httun-" + mode)))
                    .as(mode)
                    .isEmpty();
        }
    }

    @Test
    void theManPageAndTheCompletionKnowEveryCommand() {
        List<String> commands = Pattern.compile("^  ([a-z][a-z-]+) ", Pattern.MULTILINE)
                .matcher(distribution.httun("--help").ok().output().split("ENDPOINT is")[0])
                .results()
                .map(result -> result.group(1))
                .toList();
        assertThat(commands).contains("server", "join", "gen-key", "completion");
        String man = distribution.httun("man-page").ok().output();
        String zsh = distribution.httun("completion", "zsh").ok().output();
        for (String command : commands) {
            assertThat(man).contains("\n  " + command.replace("-", "\\-"));
            assertThat(zsh).contains(command);
            assertThat(completed("httun " + command)).contains(command);
        }
        assertThat(completed("httun prox")).containsExactly("proxy");
        assertThat(completed("httun proxy --so")).containsExactly("--socks");
        assertThat(completed("httun server --endpoint n")).containsExactly("netty");
        assertThat(completed("httun invite bob --quo")).containsExactly("--quota");
        assertThat(completed("httun shell httun:channel-ro")).containsExactly("channel-rotate");
        assertThat(completed("httun completion ")).containsExactly("bash", "zsh");
    }

    /** What bash offers for a line. Readline splits words at colons. */
    private static List<String> completed(String line) {
        String script = "source <(JAVA_HOME=" + JAVA + " '" + distribution.home() + "/bin/httun' completion bash)\n"
                + "COMP_LINE='" + line + "' COMP_POINT=${#COMP_LINE}\n"
                + "read -ra COMP_WORDS <<< \"${COMP_LINE//:/ : }\"\n"
                + "[[ $COMP_LINE != *' ' ]] || COMP_WORDS+=('')\n"
                + "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                + "_httun\nprintf '%s\\n' \"${COMPREPLY[@]}\"";
        return run("bash", "-c", script).lines().toList();
    }

    @Test
    void theContainerStartsAServerFromASecretAndAPortOnAReadOnlyRootAsAUser() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root mounts a file system");
        need("unshare");
        need("setpriv");
        Path home = distribution.home();
        Path base = Files.createDirectories(folder.resolve("volume"));
        Path secret = folder.resolve("channel.key");
        Files.writeString(secret, "6d".repeat(32) + "\n");
        run("chown", "10001:10001", base + "", secret + "");
        run("chmod", "755", home + "/bin/httun", home + "/share/oci/entrypoint");
        int port = Ports.free();
        int health = Ports.free();
        Path output = folder.resolve("container.out");
        String inside = "mount --bind '" + home + "' '" + home + "' && mount -o remount,bind,ro '" + home + "'"
                + " && ! touch '" + home + "/x' 2>/dev/null"
                + " && exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set -all"
                + " env -i PATH=/usr/bin:/bin JAVA_HOME=" + JAVA + " HTTUN_BASE='" + base + "' HTTUN_SECRET_FILE='"
                + secret
                + "' HTTUN_PORT=" + port + " HTTUN_HEALTH=127.0.0.0/8 HTTUN_HEALTH_PORT=" + health + " '" + home
                + "/share/oci/entrypoint'";
        Process server = new ProcessBuilder("unshare", "-m", "sh", "-c", inside)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            await().atMost(LIMIT).until(() -> {
                assertThat(server.isAlive()).as(Files.readString(output)).isTrue();
                return Files.readString(output).contains("httun server") && Ports.isOpen(port);
            });
            assertThat(run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:" + port + "/"))
                    .isEqualTo("404");
            assertThat(distribution
                            .httunIn(base, "shell", "httun:channel-list")
                            .ok()
                            .output())
                    .contains("container");
            assertThat(distribution.httunIn(base, "shell", "httun:health").ok().output())
                    .isNotEmpty();
            await().atMost(LIMIT).until(() -> code(health, "ready").equals("200"));
            distribution.httunIn(base, "shell", "httun:drain --for 10m").ok();
            await().atMost(LIMIT).until(() -> code(health, "ready").equals("503"));
            assertThat(code(health, "live")).isEqualTo("200");
            distribution.httunIn(base, "shell", "httun:health --live").ok();
            assertThat(run("stat", "-c", "%u", base.resolve("data/httun.pid") + ""))
                    .isEqualTo("10001\n");
        } finally {
            server.destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String code(int port, String which) {
        String url = "http://127.0.0.1:" + port + "/health/" + which;
        return ChildPrograms.run(LIMIT, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url)
                .output();
    }

    @Test
    void theContainerSaysWhatIsMissing() {
        String entry = distribution.home() + "/share/oci/entrypoint";
        Path base = folder.resolve("empty");
        for (String[] wrong : new String[][] {
            {"HTTUN_ID=1", "nothing to do: set HTTUN_SECRET_FILE for a server"},
            {"HTTUN_SECRET_FILE=/nowhere", "cannot read HTTUN_SECRET_FILE=/nowhere"},
            {"HTTUN_HEALTH=everybody", "HTTUN_HEALTH=everybody is no list of networks"},
            {"HTTUN_LINK_FILE=/nowhere", "cannot read HTTUN_LINK_FILE=/nowhere"}
        }) {
            ChildPrograms.Result result = ChildPrograms.run(LIMIT, "env", "HTTUN_BASE=" + base, wrong[0], "sh", entry);
            assertThat(result.exit()).isEqualTo(2);
            assertThat(result.output()).startsWith("httun: " + wrong[1]);
        }
    }
}
