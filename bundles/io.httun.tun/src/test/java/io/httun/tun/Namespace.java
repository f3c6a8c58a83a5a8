// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace of one thread, and of all threads and processes that it starts. It ends with the last of them.
 */
final class Namespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int CLONE_NEWNS = 0x20000;
    private static final int TIMEOUT_SECONDS = 60;

    /** For {@link Native#register}. */
    static final class Calls {
        static {
            Native.register(Calls.class, "c");
        }

        private Calls() {}

        static native int unshare(int flags);

        static native int gettid();

        static native int dup2(int from, int to);
    }

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final int task;

    private Namespace() {
        task = call(() -> {
            assertThat(Calls.unshare(CLONE_NEWNET)).isZero();
            sh("ip link set lo up");
            return Calls.gettid();
        });
    }

    static Namespace make() {
        assumeThat(Platform.problem()).as("obstacle to TUN devices").isEmpty();
        assumeThat(System.getProperty("user.name"))
                .as("creating devices needs root")
                .isEqualTo("root");
        assumeThat(Path.of("/dev/net/tun")).exists();
        assumeThat(Path.of("/usr/sbin/ip")).as("iproute2").exists();
        return new Namespace();
    }

    <T> T call(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return work.call();
                            } catch (RuntimeException e) {
                                throw e;
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        thread)
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    void run(Runnable work) {
        call(() -> {
            work.run();
            return null;
        });
    }

    /** Runs a command, expects success, and returns its output. */
    String sh(String command) {
        return Thread.currentThread().getName().startsWith("pool") ? execute(command) : call(() -> execute(command));
    }

    /** Hides the files of {@code /dev/net} from this namespace. */
    void emptyDeviceFolder() {
        run(() -> assertThat(Calls.unshare(CLONE_NEWNS)).isZero());
        sh("mount --make-rprivate / && mount -t tmpfs none /dev/net");
    }

    Process start(String command) {
        return call(() -> new ProcessBuilder("sh", "-c", "exec " + command)
                .redirectErrorStream(true)
                .start());
    }

    private static String execute(String command) {
        try {
            Process process = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(command + ": " + said).isZero();
            return said;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Joins two namespaces by a veth pair with the same interface name at both ends. */
    void join(Namespace other, String device) {
        sh("ip link add " + device + " type veth peer name " + device + " netns " + other.task);
    }

    static boolean has(String program) {
        return Files.exists(Path.of("/usr/bin/" + program));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
