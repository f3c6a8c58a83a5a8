// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleClientTest {
    private static final long PID = ProcessHandle.current().pid();

    @TempDir
    Path base;

    @BeforeEach
    void folders() throws IOException {
        Files.createDirectories(base.resolve("data"));
        Files.createDirectories(base.resolve("etc"));
        Files.writeString(base.resolve("etc/users.properties"), "httun = secret,_g_:admingroup\n");
    }

    private void record(long pid, int port) throws IOException {
        new ConsoleRecord(pid, "127.0.0.1", port, "QUJD").write(ConsoleRecord.file(base));
    }

    @Test
    void waitsForAConsoleThatIsStarting() throws Exception {
        record(PID + 1, 1);
        CompletableFuture<ConsoleRecord> found = CompletableFuture.supplyAsync(() -> {
            try {
                return new ConsoleClient(base, PID, false).await();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(found).as("the record of an ended process").isNotDone();
        record(PID, 2);
        assertThat(found.get().port()).isEqualTo(2);
    }

    @Test
    void doesNotWaitForAProcessThatHasEnded() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        assertThatThrownBy(() -> new ConsoleClient(base, ended.pid(), false).await())
                .hasMessageStartingWith("process " + ended.pid() + " has ended; its log is in ");
    }

    @Test
    void theAccountIsOptional() throws Exception {
        record(PID, 8101);
        Files.writeString(base.resolve("etc/users.properties"), "admin = x,admin\n");
        assertThatThrownBy(() -> new ConsoleClient(base, PID, false).run("info"))
                .hasMessageEndingWith("has no user httun, the login of this command; with another user: ssh -p 8101"
                        + " USER@127.0.0.1");
    }

    @Test
    void whoHasAnotherHostKeyGetsNoPassword() throws Exception {
        StringBuilder offered = new StringBuilder();
        SshServer other = SshServer.setUpDefaultServer();
        other.setHost("127.0.0.1");
        other.setKeyPairProvider(new SimpleGeneratorHostKeyProvider());
        other.setPasswordAuthenticator((user, password, session) -> {
            offered.append(password);
            return true;
        });
        other.start();
        try {
            record(PID, other.getPort());
            assertThatThrownBy(() -> new ConsoleClient(base, PID, false).run("info"))
                    .hasMessage("127.0.0.1:" + other.getPort() + " is not the console of process " + PID
                            + ": the host key differs; the password was not sent");
        } finally {
            other.stop(true);
        }
        assertThat(offered).isEmpty();
    }

    @Test
    void plainOutputHasNoEscapeSequences() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new PlainOutput(bytes)) {
            out.write("a\u001b[1;32mb\u001b[0m\u001b]0;title\u0007c\u001b[mü\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("abcü\n");
    }
}
