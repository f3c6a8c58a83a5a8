// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.shell.console.ConsoleRecord;
import io.httun.toolkit.status.Services;
import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Session;
import org.osgi.framework.BundleContext;

/** The common part of all commands. Karaf creates an instance for each run and sets its fields. */
abstract class HttunCommand implements Action {
    static final String SCOPE = "httun";

    @Reference
    BundleContext context;

    @Reference
    Session session;

    /** The command's own output, not the session's console: only this one goes into a pipe. */
    PrintStream out = System.out;

    @Override
    public final Object execute() throws Exception {
        run();
        return null;
    }

    /**
     * @throws org.apache.karaf.shell.support.CommandException with a message for the user; the shell logs all other
     *     exceptions
     */
    abstract void run() throws Exception;

    /** Flushes the output: Karaf buffers it until the command ends, unless the console is flushed as well. */
    final void show() {
        out.flush();
        session.getConsole().flush();
    }

    /**
     * Whether the shell has ended without a signal, for example because its connection broke. The command's own
     * stream does not show it.
     */
    final boolean isShellGone() {
        return out.checkError() || session.getConsole().checkError();
    }

    /** Whether a key can be pressed: on a console, or if {@code httun shell} runs one command on a terminal. */
    final boolean isInteractive() {
        return session.getTerminal() != null || session.get(ConsoleRecord.TERMINAL) != null;
    }

    final Services services() {
        return new Services(context);
    }
}
