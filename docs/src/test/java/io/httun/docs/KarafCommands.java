// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.karaf.shell.api.action.Command;

/** The commands of Karaf's features that pages use. */
final class KarafCommands {
    private KarafCommands() {}

    static Map<String, Class<?>> find() throws IOException {
        Map<String, Class<?>> found = new HashMap<>();
        for (String name : ClassPath.classes("org.apache.karaf.")) {
            if (name.contains(".command.") && !name.contains("$")) {
                try {
                    Class<?> type = Class.forName(name, false, KarafCommands.class.getClassLoader());
                    Command command = type.getAnnotation(Command.class);
                    if (command != null) {
                        found.put(command.scope() + ':' + command.name(), type);
                    }
                } catch (ClassNotFoundException | LinkageError e) {
                    // One that needs what is not here is none that a page uses: it would be missed there.
                    continue;
                }
            }
        }
        return found;
    }
}
