// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.karaf.shell.api.console.Session;

/** Runs a command as Karaf does, and returns its output. */
final class Run {
    private Run() {}

    static String command(HttunCommand command, FakeServices services) throws Exception {
        return command(command, services, new ByteArrayOutputStream());
    }

    static String command(HttunCommand command, FakeServices services, ByteArrayOutputStream printed) throws Exception {
        if (command.session == null) {
            command.session = FakeServices.proxy(Session.class, (method, args) -> switch (method) {
                case "getTerminal", "get" -> null;
                default -> command.out;
            });
        }
        command.context = services.context();
        command.out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        command.execute();
        return printed.toString(StandardCharsets.UTF_8);
    }
}
