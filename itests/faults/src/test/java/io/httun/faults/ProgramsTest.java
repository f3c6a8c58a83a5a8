// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.client.ClientUnderTest;
import io.httun.listener.SocksUnderTest;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers and clients of many protocols, joined by SOCKS and a pipe. In most of these the server speaks first. */
@Timeout(180)
class ProgramsTest {
    private static final int BYTES = 3 << 20;

    private final ChannelRig channel = new ChannelRig();
    private final Http2Multiplexer streams = channel.streams();
    private final OurServer server = channel.server(streams);
    private final ClientUnderTest client = channel.client(server.url(), () -> streams);
    private final SocksUnderTest socks = new SocksUnderTest(channel.rig(), client);
    private Programs programs;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        programs = new Programs(folder);
    }

    @AfterEach
    void stop() throws IOException {
        programs.close();
        socks.close();
        client.close();
        server.close();
        streams.stop();
        channel.close();
    }

    private Path data(String name) throws IOException {
        byte[] bytes = new byte[BYTES];
        new Random(1).nextBytes(bytes);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private String curl(String... arguments) throws Exception {
        return programs.run(Stream.concat(
                        Stream.of("curl", "-sS", "-m", "50", "--noproxy", "", "--socks5", "127.0.0.1:" + socks.port()),
                        Stream.of(arguments))
                .toArray(String[]::new));
    }

    /** For programs that know no proxy. */
    private String proxied(String... command) throws Exception {
        Path file = Files.writeString(
                folder.resolve("proxychains.conf"),
                // 4 s by default, which the first connection of a busy machine may take.
                "strict_chain\nquiet_mode\ntcp_read_time_out 60000\ntcp_connect_time_out 60000\n[ProxyList]\nsocks5 127.0.0.1 "
                        + socks.port() + "\n");
        return programs.run(Stream.concat(Stream.of("proxychains4", "-q", "-f", file.toString()), Stream.of(command))
                .toArray(String[]::new));
    }

    private void assertThroughTunnel() {
        assertThat(client.sessions()).as("in the pipe").isNotEmpty();
    }

    @Test
    void aMailBySmtp() throws Exception {
        Programs.need("aiosmtpd", "curl");
        int port = Programs.freePort();
        Path box = folder.resolve("box");
        programs.start("aiosmtpd", "-n", "-l", "127.0.0.1:" + port, "-c", "aiosmtpd.handlers.Mailbox", box.toString());
        Programs.awaitListening(port);
        String line = "All of it arrives, and in its order.\r\n";
        Path mail = Files.writeString(folder.resolve("mail"), "Subject: tunnel\r\n\r\n" + line.repeat(20_000));
        assertThat(curl(
                        "smtp://127.0.0.1:" + port,
                        "--mail-from",
                        "ann@example.org",
                        "--mail-rcpt",
                        "bob@example.org",
                        "-T",
                        mail.toString()))
                .isEmpty();
        try (Stream<Path> mails = Files.list(box.resolve("new"))) {
            List<Path> all = mails.toList();
            assertThat(all).hasSize(1);
            assertThat(Files.readString(all.get(0)))
                    .contains("Subject: tunnel")
                    .endsWith(line.repeat(20_000).replace("\r", ""));
        }
        assertThroughTunnel();
    }

    @Test
    void filesByPassiveFtp() throws Exception {
        Programs.need("vsftpd", "curl");
        int port = Programs.freePort();
        Path down = data("ftp/down");
        Path config = Files.write(
                folder.resolve("vsftpd.conf"),
                List.of(
                        "background=NO",
                        "listen=YES",
                        "listen_address=127.0.0.1",
                        "listen_port=" + port,
                        "anonymous_enable=YES",
                        "no_anon_password=YES",
                        "anon_root=" + down.getParent(),
                        "anon_upload_enable=YES",
                        "write_enable=YES",
                        // Needs no account of its own.
                        "run_as_launching_user=YES",
                        "ftp_username=" + System.getProperty("user.name"),
                        "seccomp_sandbox=NO"));
        programs.start("vsftpd", config.toString());
        Programs.awaitListening(port);
        String url = "ftp://127.0.0.1:" + port + "/";
        Path got = folder.resolve("got");
        assertThat(curl("--ftp-pasv", "-o", got.toString(), url + "down")).isEmpty();
        assertThat(got).hasSameBinaryContentAs(down);
        assertThat(curl("--ftp-pasv", "-T", got.toString(), url + "up")).isEmpty();
        assertThat(down.resolveSibling("up")).hasSameBinaryContentAs(down);
        assertThroughTunnel();
    }

    @Test
    void queriesOfMariaDb() throws Exception {
        Programs.need("mariadb-install-db", "mariadbd", "mariadb", "proxychains4");
        int port = Programs.freePort();
        Path data = folder.resolve("db");
        String user = System.getProperty("user.name");
        programs.run(
                "mariadb-install-db",
                "--no-defaults",
                "--datadir=" + data,
                "--user=" + user,
                "--auth-root-authentication-method=normal",
                "--skip-test-db");
        programs.start(
                "mariadbd",
                "--no-defaults",
                "--datadir=" + data,
                "--user=" + user,
                "--socket=" + folder.resolve("db.sock"),
                "--pid-file=" + folder.resolve("db.pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--innodb-buffer-pool-size=8M",
                "--innodb-log-file-size=4M",
                "--skip-name-resolve");
        Programs.awaitListening(port);
        String rows = proxied(
                "mariadb",
                "--no-defaults",
                "-h",
                "127.0.0.1",
                "-P",
                "" + port,
                "-u",
                "root",
                "-N",
                "-e",
                "create database t; use t; create table t (n int); insert into t select seq from seq_1_to_1000;"
                        + " select sum(n) from t; select repeat('ab', 1000000)");
        assertThat(rows.lines()).containsExactly("500500", "ab".repeat(1_000_000));
        assertThroughTunnel();
    }

    @Test
    void aRepositoryByGit() throws Exception {
        Programs.need("git", "proxychains4");
        int port = Programs.freePort();
        Path origin = data("git/origin/file").getParent();
        for (String command :
                List.of("init -q", "add .", "-c user.name=t -c user.email=t@example.org commit -q -m one")) {
            programs.run(Stream.concat(Stream.of("git", "-C", origin.toString()), Stream.of(command.split(" ")))
                    .toArray(String[]::new));
        }
        programs.start(
                "git",
                "daemon",
                "--export-all",
                "--listen=127.0.0.1",
                "--port=" + port,
                "--base-path=" + origin.getParent());
        Programs.awaitListening(port);
        Path clone = folder.resolve("clone");
        proxied("git", "clone", "-q", "git://127.0.0.1:" + port + "/origin", clone.toString());
        assertThat(clone.resolve("file")).hasSameBinaryContentAs(origin.resolve("file"));
        assertThroughTunnel();
    }

    @Test
    void filesByRsync() throws Exception {
        Programs.need("rsync", "proxychains4");
        int port = Programs.freePort();
        Path served = data("rsync/file").getParent();
        Path config = Files.writeString(
                folder.resolve("rsyncd.conf"),
                "use chroot = no\nuid = " + System.getProperty("user.name") + "\ngid = *\n[files]\npath = " + served
                        + "\nread only = no\n");
        programs.start(
                "rsync", "--daemon", "--no-detach", "--address=127.0.0.1", "--port=" + port, "--config=" + config);
        Programs.awaitListening(port);
        Path got = folder.resolve("got");
        String url = "rsync://127.0.0.1:" + port + "/files/";
        assertThat(proxied("rsync", "-a", url, got.toString())).isEmpty();
        assertThat(got.resolve("file")).hasSameBinaryContentAs(served.resolve("file"));
        Files.move(got.resolve("file"), got.resolve("up"));
        assertThat(proxied("rsync", "-a", got + "/", url)).isEmpty();
        assertThat(served.resolve("up")).hasSameBinaryContentAs(got.resolve("up"));
        assertThroughTunnel();
    }

    @Test
    void theGreetingOfVnc() throws Exception {
        Programs.need("Xvnc");
        int port = Programs.freePort();
        programs.start(
                "Xvnc",
                ":" + port,
                "-rfbport",
                "" + port,
                "-localhost",
                "-SecurityTypes",
                "None",
                "-geometry",
                "64x64");
        Programs.awaitListening(port);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Proxy proxy = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(loopback, socks.port()));
        try (Socket socket = new Socket(proxy)) {
            socket.setSoTimeout(60_000);
            socket.connect(new InetSocketAddress(loopback, port));
            byte[] greeting = socket.getInputStream().readNBytes(12);
            assertThat(new String(greeting, StandardCharsets.US_ASCII)).matches("RFB 003\\.00\\d\n");
            socket.getOutputStream().write(greeting);
            assertThat(socket.getInputStream().readNBytes(2))
                    .as("one kind of login: none")
                    .containsExactly(1, 1);
        }
        assertThroughTunnel();
    }
}
