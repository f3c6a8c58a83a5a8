// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.connector.upstream.UpstreamUnderTest;
import io.httun.filter.RuleFilter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Policy, rules, users and ways change during a transfer: the transfer continues, and the next connection obeys the
 * new configuration.
 */
@Timeout(120)
class ChangesUnderLoadTest {
    private static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";
    private static final String ANN = "ann:$2y$04$1H5fOoeOMB03P9WJueN/1.mr5AWnFXFAJVifsuGNu3wglfo6dNq1q\n";
    private static final String BOB = "bob:$2y$04$xDhtcWcLYd2ofYlVYt9Nz.E/VoZUaVtAiT36euB2aqNPu9WEFy3wO\n";

    @TempDir
    Path folder;

    private final ListenerRig rig = new ListenerRig("auto");
    private final ListenerRig elsewhere = new ListenerRig("auto");
    private Path users;
    private Path rules;
    private RuleFilter filter;
    private UpstreamUnderTest upstream;
    private LocalListener a;
    private LocalListener b;
    private LocalListener listener;
    private int echo;

    @BeforeEach
    void start() throws IOException {
        users = Files.createFile(
                folder.resolve("users"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        replace(users, ANN);
        rules = folder.resolve("rules");
        replace(rules, "allow any\n");
        filter = new RuleFilter(Map.of("name", "web", "file", rules.toString(), "reload.seconds", 1));
        rig.filter("web", filter);
        a = elsewhere.connect();
        b = elsewhere.socks();
        upstream = rig.upstream(
                List.of("a=http://127.0.0.1:" + ListenerRig.portOf(a), "b=socks5://127.0.0.1:" + ListenerRig.portOf(b)),
                "* via a");
        listener = rig.connect(configuration());
        echo = rig.echo();
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        filter.stop();
        rig.close();
        elsewhere.close();
    }

    private Object[] configuration(String... policy) {
        return new Object[] {"users.file", users.toString(), "filters", List.of("web"), "policy", List.of(policy)};
    }

    private void policy(String... policy) {
        listener.change(ConnectSettings.read(ListenerRig.configuration(configuration(policy)))
                .common());
    }

    /** Replaces the file atomically, as editors do, so that no partial file is read. */
    private void replace(Path file, String text) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), text);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private Socket connected() throws IOException {
        Socket socket = ListenerRig.dial(listener);
        request(socket);
        assertThat(new String(socket.getInputStream().readNBytes(ESTABLISHED.length()), StandardCharsets.US_ASCII))
                .isEqualTo(ESTABLISHED);
        return socket;
    }

    private void request(Socket socket) throws IOException {
        String login = Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.US_ASCII));
        String text = "CONNECT 127.0.0.1:" + echo + " HTTP/1.1\r\nHost: 127.0.0.1:" + echo
                + "\r\nProxy-Authorization: Basic " + login + "\r\n\r\n";
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The status code of a new connection. */
    private String status() throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            request(socket);
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).substring(9);
        }
    }

    private void awaitStatus(String status) {
        await().atMost(20, TimeUnit.SECONDS).until(() -> status().equals(status));
    }

    /** Sends random bytes and checks their echo until stopped. */
    private static final class Transfer {
        private final Socket socket;
        private final MessageDigest out = sha256();
        private final MessageDigest back = sha256();
        private final AtomicLong received = new AtomicLong();
        private final CompletableFuture<Boolean> whole = new CompletableFuture<>();
        private volatile boolean enough;

        Transfer(Socket socket) {
            this.socket = socket;
            ListenerRig.daemon(this::send);
            ListenerRig.daemon(this::receive);
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        private void send() throws IOException {
            Random random = new Random(1);
            byte[] block = new byte[50_000];
            DigestOutputStream to = new DigestOutputStream(socket.getOutputStream(), out);
            while (!enough) {
                random.nextBytes(block);
                to.write(block);
            }
            socket.shutdownOutput();
        }

        private void receive() throws IOException {
            byte[] block = new byte[70_000];
            try (InputStream from = new DigestInputStream(socket.getInputStream(), back)) {
                for (int length = from.read(block); length >= 0; length = from.read(block)) {
                    received.addAndGet(length);
                }
                whole.complete(MessageDigest.isEqual(out.digest(), back.digest()));
            } catch (IOException e) {
                whole.complete(false);
            }
        }

        void assertGoesOn() {
            long before = received.get();
            await().until(() -> received.get() > before + 1_000_000);
        }

        boolean isWhole() {
            enough = true;
            return whole.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void aTransferRunsOnWhileEverythingChanges() throws IOException {
        try (Socket socket = connected()) {
            Transfer transfer = new Transfer(socket);
            transfer.assertGoesOn();

            replace(rules, "deny any\n");
            awaitStatus("403");
            transfer.assertGoesOn();
            replace(rules, "allow any\nnonsense\n");
            transfer.assertGoesOn();
            replace(rules, "allow *:" + echo + " user=ann\n");
            awaitStatus("200");

            replace(users, BOB);
            awaitStatus("407");
            transfer.assertGoesOn();
            replace(users, ANN + BOB);
            awaitStatus("200");

            upstream.change("* refuse");
            assertThat(status()).isEqualTo("403");
            transfer.assertGoesOn();
            int before = (int) b.origin().accepted();
            upstream.change("* via b");
            assertThat(status()).isEqualTo("200");
            assertThat(b.origin().accepted()).as("connections by the new way").isEqualTo(before + 1);
            upstream.change("* via nobody");
            assertThat(status()).as("a wrong configuration changes nothing").isEqualTo("200");

            for (int i = 0; i < 10; i++) {
                policy("rate.to=" + (100 + i) + "mb/s", "rate.from=" + (200 - i) + "mb/s", "idle=" + (10 + i) + "s");
                transfer.assertGoesOn();
            }
            policy("per.source=1");
            assertThat(status()).isEqualTo("429");
            policy();
            assertThat(status()).isEqualTo("200");
            assertThat(transfer.isWhole()).as("every byte arrived").isTrue();
        }
        await().until(() -> listener.origin().connections().isEmpty());
        assertThat(listener.origin().closedConnections().get(0).cause()).isEqualTo("closed");
    }

    @Test
    void aPolicyThatATransferHasOutlivedEndsItWithItsName() throws IOException {
        try (Socket socket = connected()) {
            Transfer transfer = new Transfer(socket);
            transfer.assertGoesOn();
            policy("bytes=1mb");
            assertThat(transfer.whole.orTimeout(20, TimeUnit.SECONDS).join()).isFalse();
        }
        assertThat(ListenerRig.lastCause(listener)).contains("bytes");
    }

    private static byte[] hello() throws IOException, GeneralSecurityException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("www.example.org", 443);
        engine.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = new byte[out.flip().remaining()];
        out.get(hello);
        return hello;
    }

    @Test
    void onlyTlsPassesWhereARuleSaysSo() throws IOException, GeneralSecurityException {
        replace(rules, "allow any tls=any\n");
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> filter.rules().get(0).toString().contains("tls=any"));
        byte[] hello = hello();
        try (Socket tls = connected()) {
            tls.getOutputStream().write(hello);
            assertThat(tls.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
            Transfer transfer = new Transfer(tls);
            transfer.assertGoesOn();
            assertThat(transfer.isWhole()).isTrue();
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
        try (Socket ssh = connected()) {
            ssh.getOutputStream().write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> listener.origin().connections().isEmpty());
            assertThat(ListenerRig.lastCause(listener))
                    .contains("filter web: the first bytes are not a TLS ClientHello");
        }
    }
}
