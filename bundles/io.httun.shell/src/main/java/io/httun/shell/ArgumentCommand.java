// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;

/** A command with one argument, and options before or after it. */
abstract class ArgumentCommand extends HttunCommand {
    @Argument(index = 1, name = "OPTIONS", multiValued = true, description = "Options are allowed here too")
    List<String> late;

    @Override
    final void run() throws Exception {
        LateOptions.set(this, late);
        runWithOptions();
    }

    abstract void runWithOptions() throws Exception;
}
