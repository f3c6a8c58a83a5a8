// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.PrintStream;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Session;
import org.osgi.framework.BundleContext;

/** What every command has. Karaf makes an instance for each run and fills its fields. */
abstract class HttunCommand implements Action {
    static final String SCOPE = "httun";

    @Reference
    BundleContext context;

    @Reference
    Session session;

    /** Not the session's console: only this one goes into a pipe. */
    PrintStream out = System.out;

    @Override
    public final Object execute() throws Exception {
        run();
        return null;
    }

    /** @throws org.apache.karaf.shell.support.CommandException to say what is wrong: the shell logs anything else */
    abstract void run() throws Exception;

    /** Shows at once what was printed: Karaf keeps it until the command ends, unless the console is flushed as well. */
    final void show() {
        out.flush();
        session.getConsole().flush();
    }

    final Services services() {
        return new Services(context);
    }
}
