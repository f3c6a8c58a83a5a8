// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import org.apache.karaf.shell.support.CommandException;

/** A command cannot do what was asked; the shell shows the message as it is, without a stack trace in the log. */
final class Failure extends CommandException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
