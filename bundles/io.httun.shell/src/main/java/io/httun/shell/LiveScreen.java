// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;

/**
 * Draws again and again until a key is pressed, which Ctrl-C is as well, or the input ends. The command's own thread waits
 * for the key: there is no other way to learn of one.
 */
final class LiveScreen {
    private static final String CLEAR = "\u001b[H\u001b[2J\u001b[3J";

    private final Session session;

    LiveScreen(Session session) {
        this.session = session;
    }

    /** What to put in front of a drawing, so that it takes the place of the last one; nothing where that cannot be. */
    String clear() {
        return session.getTerminal() != null && session.getTerminal().isAnsiSupported() ? CLEAR : "";
    }

    /** How many lines fit below so many others; at least one. */
    int room(int others, int otherwise) {
        int height = session.getTerminal() == null ? 0 : session.getTerminal().getHeight();
        return height <= 0 ? otherwise : Math.max(1, height - others);
    }

    void run(Runnable draw, int seconds) throws IOException, CommandException {
        ScheduledExecutorService clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "httun-live");
            thread.setDaemon(true);
            return thread;
        });
        try {
            draw.run();
            ScheduledFuture<?> drawing = clock.scheduleAtFixedRate(draw, seconds, seconds, TimeUnit.SECONDS);
            session.getKeyboard().read();
            if (drawing.isDone()) {
                drawing.get();
            }
        } catch (ExecutionException e) {
            throw new CommandException("Cannot show it any longer: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clock.shutdownNow();
        }
    }
}
