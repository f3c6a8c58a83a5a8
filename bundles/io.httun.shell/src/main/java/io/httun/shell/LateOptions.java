// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.support.CommandException;

/** Options after a command's arguments, as most people write them; Karaf accepts options only before. */
final class LateOptions {
    private LateOptions() {}

    /** @param late words after the arguments; null if there are none */
    static void set(HttunCommand command, List<String> late) throws Exception {
        if (late != null) {
            Iterator<String> words = late.iterator();
            while (words.hasNext()) {
                set(command, words.next(), words);
            }
        }
    }

    private static void set(HttunCommand command, String name, Iterator<String> words) throws Exception {
        for (Field field : command.getClass().getDeclaredFields()) {
            Option option = field.getAnnotation(Option.class);
            if (option != null && option.name().equals(name)) {
                field.set(command, value(command, field, name, words));
                return;
            }
        }
        throw new CommandException("'" + name + "' is not an option of this command; see --help");
    }

    private static Object value(HttunCommand command, Field field, String name, Iterator<String> words)
            throws Exception {
        if (field.getType() == boolean.class) {
            return true;
        } else if (!words.hasNext()) {
            throw new CommandException("'" + name + "' needs a value");
        }
        String word = words.next();
        if (field.getType() == List.class) {
            List<String> all = new ArrayList<>();
            if (field.get(command) instanceof List<?> before) {
                before.forEach(element -> all.add(element.toString()));
            }
            all.add(word);
            return all;
        }
        return field.getType() == long.class ? number(name, word) : word;
    }

    private static Object number(String name, String word) throws CommandException {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw new CommandException(name + " " + word + ": must be a number", e);
        }
    }
}
