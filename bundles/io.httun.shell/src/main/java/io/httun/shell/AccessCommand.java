// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.HttunException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.karaf.shell.support.CommandException;

/** A command on the files that give access. Errors are one sentence. */
abstract class AccessCommand extends ArgumentCommand {
    private static final long LOOK_MILLIS = 100;

    /** Where configurations are. */
    Path etc = Path.of(System.getProperty("karaf.etc", "etc"));

    /** How long a new configuration may take: Felix File Install looks every second, and a start may be under way. */
    Duration patience = Duration.ofSeconds(20);

    @Override
    final void runWithOptions() throws Exception {
        try {
            access();
        } catch (HttunException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** @throws HttunException with a sentence for the user */
    abstract void access() throws Exception;

    /** Waits; returns false if it has not become true in time. */
    final boolean await(BooleanSupplier state) throws InterruptedException {
        long start = System.nanoTime();
        while (!state.getAsBoolean()) {
            if (System.nanoTime() - start >= patience.toNanos()) {
                return false;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return true;
    }

    static String command(String link) {
        return "httun join '" + link + "'";
    }
}
