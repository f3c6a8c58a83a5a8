// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.toolkit.jdk.DaemonClock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;

/**
 * Redraws until a key is pressed (Ctrl-C included), the input ends or the shell has gone. The command's own thread
 * reads the keys: the shell offers no other way.
 */
final class LiveScreen {
    private static final String CLEAR = "\u001b[H\u001b[2J\u001b[3J";

    private static final int SECONDS_WITHOUT_KEYS = 10;

    private final Session session;
    private final boolean keys;

    /** @param keys whether a key can be pressed; otherwise the display ends after 10 s */
    LiveScreen(Session session, boolean keys) {
        this.session = session;
        this.keys = keys;
    }

    /** Control sequence that clears the previous drawing; empty if the output does not support it. */
    String clear() {
        return session.getTerminal() != null && session.getTerminal().isAnsiSupported() ? CLEAR : "";
    }

    /** Number of rows that fit beside other lines; at least one. */
    int room(int others, int otherwise) {
        int height = session.getTerminal() == null ? 0 : session.getTerminal().getHeight();
        return height <= 0 ? otherwise : Math.max(1, height - others);
    }

    private void awaitKey() throws IOException {
        try {
            session.getKeyboard().read();
        } catch (InterruptedIOException e) {
            // The display has ended: the shell has gone, or the time is over.
            Thread.interrupted();
        }
    }

    /** @param isShown whether the shell still exists; it may have ended without a key */
    void run(Runnable draw, BooleanSupplier isShown, int seconds) throws IOException, CommandException {
        Thread reader = Thread.currentThread();
        ScheduledExecutorService clock = DaemonClock.named("httun-live");
        try {
            draw.run();
            ScheduledFuture<?> drawing = clock.scheduleAtFixedRate(
                    () -> {
                        draw.run();
                        if (!isShown.getAsBoolean()) {
                            reader.interrupt();
                        }
                    },
                    seconds,
                    seconds,
                    TimeUnit.SECONDS);
            if (!keys) {
                clock.schedule(reader::interrupt, SECONDS_WITHOUT_KEYS, TimeUnit.SECONDS);
            }
            awaitKey();
            if (drawing.isDone()) {
                drawing.get();
            }
        } catch (ExecutionException e) {
            throw new CommandException("The display failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clock.shutdownNow();
        }
    }
}
