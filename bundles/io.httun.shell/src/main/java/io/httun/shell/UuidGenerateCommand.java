// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.util.UUID;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "uuid-generate",
        description = "Prints a new random UUID, for the property uuid of io.httun.server")
public final class UuidGenerateCommand extends HttunCommand {
    @Override
    void run() {
        out.println(UUID.randomUUID());
    }
}
