// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.support.CommandException;

/**
 * A command with one argument and options. Karaf takes options only in front of arguments; here they may stand behind it
 * as well, where most people write them.
 */
abstract class ArgumentCommand extends HttunCommand {
    @Argument(index = 1, name = "OPTIONS", multiValued = true, description = "Options may stand here, too")
    List<String> late;

    @Override
    final void run() throws Exception {
        if (late != null) {
            Iterator<String> words = late.iterator();
            while (words.hasNext()) {
                set(words.next(), words);
            }
        }
        runWithOptions();
    }

    abstract void runWithOptions() throws Exception;

    private void set(String name, Iterator<String> words) throws Exception {
        for (Field field : getClass().getDeclaredFields()) {
            Option option = field.getAnnotation(Option.class);
            if (option != null && option.name().equals(name)) {
                field.set(this, value(field, name, words));
                return;
            }
        }
        throw new CommandException("'" + name + "' is not an option of this command; see --help");
    }

    private Object value(Field field, String name, Iterator<String> words) throws Exception {
        if (field.getType() == boolean.class) {
            return true;
        } else if (!words.hasNext()) {
            throw new CommandException("'" + name + "' needs a value");
        }
        String word = words.next();
        if (field.getType() == List.class) {
            List<String> all = new ArrayList<>();
            if (field.get(this) instanceof List<?> before) {
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
