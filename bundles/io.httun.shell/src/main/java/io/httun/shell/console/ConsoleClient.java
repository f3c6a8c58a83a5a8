// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.console;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ChannelShell;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.io.output.NoCloseOutputStream;
import org.apache.sshd.core.CoreModuleProperties;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The program behind {@code httun shell}: the console of one process, or commands in it. It connects to the console
 * that the process has recorded, sends the password only to a server with that process's host key, and needs Karaf's
 * own libraries only.
 */
public final class ConsoleClient {
    private static final String USER = "httun";
    /** A first start takes 10 s, and up to thirty times that on a loaded machine. */
    private static final Duration STARTING = Duration.ofSeconds(300);

    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path base;
    private final long pid;
    private final boolean terminal;

    /** @param terminal whether standard input and output are a terminal */
    ConsoleClient(Path base, long pid, boolean terminal) {
        this.base = base;
        this.pid = pid;
        this.terminal = terminal;
    }

    /** @param arguments base directory, process id, "terminal" or "plain", then the words of a command, if any */
    public static void main(String[] arguments) {
        int exit;
        try {
            String command = String.join(" ", Arrays.asList(arguments).subList(3, arguments.length));
            exit = new ConsoleClient(
                            Path.of(arguments[0]), Long.parseLong(arguments[1]), arguments[2].equals("terminal"))
                    .run(command);
        } catch (IOException e) {
            System.err.println("httun: " + e.getMessage());
            exit = 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exit = 1;
        }
        // Does not wait for SSH's threads.
        System.exit(exit);
    }

    int run(String command) throws IOException, InterruptedException {
        ConsoleRecord console = await();
        String password = password(console);
        SshClient client = SshClient.setUpDefaultClient();
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        client.setServerKeyVerifier((session, address, key) ->
                console.hostKey().equals(Base64.getEncoder().encodeToString(key.getEncoded())));
        client.start();
        try (ClientSession session = connect(client, console, password)) {
            if (!command.isEmpty()) {
                return execute(session, command);
            }
            return terminal
                    ? converse(session)
                    : execute(session, new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Waits for the console, which a starting process opens after some seconds. */
    ConsoleRecord await() throws IOException {
        long start = System.nanoTime();
        boolean said = false;
        while (true) {
            Optional<ConsoleRecord> console = ConsoleRecord.read(ConsoleRecord.file(base));
            if (console.isPresent() && console.get().pid() == pid) {
                return console.get();
            }
            long waited = System.nanoTime() - start;
            if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
                throw new IOException("process " + pid + " has ended; its log is in " + base.resolve("data/log"));
            } else if (waited > STARTING.toNanos()) {
                throw new IOException("process " + pid + " has no console after " + STARTING.toSeconds()
                        + " s; its log is in " + base.resolve("data/log"));
            } else if (waited > QUIET.toNanos() && !said) {
                said = true;
                System.err.println("httun: waiting for the console to start");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private String password(ConsoleRecord console) throws IOException {
        Path file = base.resolve("etc/users.properties");
        Properties users = new Properties();
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                users.load(in);
            }
        }
        String line = users.getProperty(USER);
        if (line == null) {
            throw new IOException(
                    file + " has no user " + USER + ", the login of this command; with another user: ssh -p "
                            + console.port() + " USER@" + console.host());
        }
        return line.split(",", 2)[0].strip();
    }

    private ClientSession connect(SshClient client, ConsoleRecord console, String password) throws IOException {
        ClientSession session;
        try {
            session = client.connect(USER, console.host(), console.port())
                    .verify(CONNECT)
                    .getSession();
        } catch (IOException e) {
            throw new IOException(address(console) + ", the console, does not answer: " + e.getMessage(), e);
        }
        session.addPasswordIdentity(password);
        try {
            session.auth().verify(CONNECT);
            return session;
        } catch (IOException e) {
            boolean other = String.valueOf(e.getMessage()).contains("key");
            session.close(true);
            throw new IOException(
                    address(console)
                            + (other
                                    ? " is not the console of process " + pid
                                            + ": the host key differs; the password was not sent"
                                    : " rejects user " + USER + " with the password in etc/users.properties"),
                    e);
        }
    }

    private static String address(ConsoleRecord console) {
        return console.host() + ":" + console.port();
    }

    private int execute(ClientSession session, String command) throws IOException {
        try (OutputStream out = output();
                ChannelExec channel = session.createExecChannel(command)) {
            // For commands that end at any key. Without a keyboard the input stays open: its end would end the
            // command.
            if (terminal) {
                channel.setIn(System.in);
                channel.setEnv(ConsoleRecord.TERMINAL, Boolean.TRUE);
            }
            return follow(channel, out);
        }
    }

    private OutputStream output() {
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
        return terminal ? out : new PlainOutput(out);
    }

    private static int follow(ClientChannel channel, OutputStream out) throws IOException {
        OutputStream flushed = new NoCloseOutputStream(out);
        channel.setOut(flushed);
        channel.setErr(flushed);
        channel.open().verify(CONNECT);
        channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), 0);
        out.flush();
        return channel.getExitStatus() == null ? 1 : channel.getExitStatus();
    }

    private static int converse(ClientSession session) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build();
                ChannelShell channel = session.createShellChannel()) {
            Attributes before = terminal.enterRawMode();
            try {
                Size size = terminal.getSize();
                channel.setPtyType(terminal.getType());
                channel.setPtyColumns(size.getColumns());
                channel.setPtyLines(size.getRows());
                terminal.handle(Terminal.Signal.WINCH, signal -> resize(channel, terminal.getSize()));
                channel.setIn(terminal.input());
                return follow(channel, terminal.output());
            } finally {
                terminal.setAttributes(before);
            }
        }
    }

    private static void resize(ChannelShell channel, Size size) {
        try {
            channel.sendWindowChange(size.getColumns(), size.getRows());
        } catch (IOException e) {
            System.err.println("httun: the console rejects the window size: " + e.getMessage());
        }
    }
}
