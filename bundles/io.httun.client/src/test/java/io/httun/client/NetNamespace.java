// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A network of its own for one thread and what it starts. */
final class NetNamespace implements AutoCloseable {
    private static final int NEW_NETWORK = 0x4000_0000;

    private interface LibC extends Library {
        LibC CALLS = Native.load("c", LibC.class);

        int unshare(int flags);

        int gettid();
    }

    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    NetNamespace() throws Exception {
        call(() -> {
            if (LibC.CALLS.unshare(NEW_NETWORK) != 0) {
                throw new IOException("unshare failed: " + Native.getLastError());
            }
            return execute("ip link set lo up");
        });
    }

    /** A task whose namespace this is, for {@code ip link set ... netns}. */
    long task() throws Exception {
        return call(LibC.CALLS::gettid);
    }

    <T> T call(Callable<T> work) throws Exception {
        return thread.submit(work).get(120, TimeUnit.SECONDS);
    }

    /** What a command says that ends well. */
    String sh(String command) throws Exception {
        return call(() -> execute(command));
    }

    Process start(String command) throws Exception {
        return call(() -> new ProcessBuilder("sh", "-c", "exec " + command)
                .redirectErrorStream(true)
                .start());
    }

    private static String execute(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
        return said;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
