// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;

/** The commands of the console, as their annotations describe them. */
final class ShellCommands {
    /** Names of the fields that take options behind the arguments: part of how a command is typed, not of its meaning. */
    static final String LATE_OPTIONS = "late";

    private ShellCommands() {}

    /** By scope and name, such as {@code httun:status}. */
    static Map<String, Class<?>> find(String packagePrefix) throws IOException {
        Map<String, Class<?>> found = new TreeMap<>();
        for (String name : ClassPath.classes(packagePrefix)) {
            if (name.endsWith("Command")) {
                Class<?> type = load(name);
                Command command = type.getAnnotation(Command.class);
                if (command != null) {
                    found.put(command.scope() + ':' + command.name(), type);
                }
            }
        }
        return found;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ShellCommands.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its fields and those of its superclasses. */
    static List<Field> fields(Class<?> command) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> type = command; type != null; type = type.getSuperclass()) {
            fields.addAll(Arrays.asList(type.getDeclaredFields()));
        }
        return fields;
    }

    /** The page of all commands, in Markdown. */
    static String reference() throws IOException {
        StringBuilder page = new StringBuilder("# Console commands\n\n"
                + "The commands of the scope `httun`, generated from their annotations. `bin/httun shell COMMAND` runs one from"
                + " outside; `COMMAND --help` at the console prints the same. Words in capitals stand for values.\n\n");
        Map<String, Class<?>> commands = find("io.httun.");
        page.append("| command | |\n| --- | --- |\n");
        commands.forEach((name, type) -> page.append("| [`")
                .append(name)
                .append("`](#")
                .append(name.replace(":", ""))
                .append(") | ")
                .append(cell(type.getAnnotation(Command.class).description()))
                .append(" |\n"));
        commands.forEach((name, type) -> describe(page, name, type));
        return page.toString();
    }

    private static void describe(StringBuilder page, String name, Class<?> type) {
        Command command = type.getAnnotation(Command.class);
        List<Field> arguments = arguments(type);
        List<Field> options = options(type);
        page.append("\n## `").append(name).append("`\n\n");
        page.append(sentence(command.description())).append("\n\n");
        page.append("    ").append(name).append(options.isEmpty() ? "" : " [OPTIONS]");
        for (Field field : arguments) {
            Argument argument = field.getAnnotation(Argument.class);
            String word = argument.name() + (argument.multiValued() ? " ..." : "");
            page.append(' ').append(argument.required() ? word : '[' + word + ']');
        }
        page.append("\n\n");
        if (!command.detailedDescription().isBlank()) {
            page.append(escape(command.detailedDescription())).append("\n\n");
        }
        if (arguments.isEmpty() && options.isEmpty()) {
            return;
        }
        page.append("| argument, option | meaning | default |\n| --- | --- | --- |\n");
        for (Field field : arguments) {
            Argument argument = field.getAnnotation(Argument.class);
            row(page, argument.name(), argument.description(), argument.required() ? "required" : value(type, field));
        }
        for (Field field : options) {
            Option option = field.getAnnotation(Option.class);
            String names = option.name()
                    + Stream.of(option.aliases()).map(alias -> ", " + alias).reduce("", String::concat);
            row(
                    page,
                    names + (takesValue(field) ? " VALUE" : ""),
                    option.description(),
                    option.required() ? "required" : value(type, field));
        }
    }

    private static void row(StringBuilder page, String name, String meaning, String value) {
        page.append("| `").append(name).append("` | ").append(cell(meaning)).append(" | ");
        page.append(value.isEmpty() || value.equals("required") ? value : '`' + value + '`')
                .append(" |\n");
    }

    static List<Field> arguments(Class<?> type) {
        return fields(type).stream()
                .filter(field -> field.isAnnotationPresent(Argument.class))
                .filter(field -> !field.getName().equals(LATE_OPTIONS))
                .sorted(Comparator.comparingInt(
                        field -> field.getAnnotation(Argument.class).index()))
                .toList();
    }

    static List<Field> options(Class<?> type) {
        return fields(type).stream()
                .filter(field -> field.isAnnotationPresent(Option.class))
                .sorted(Comparator.comparing(
                        field -> field.getAnnotation(Option.class).name()))
                .toList();
    }

    static boolean takesValue(Field option) {
        return option.getType() != boolean.class && option.getType() != Boolean.class;
    }

    /** What a field has in a new instance. A flag says nothing by it. */
    private static String value(Class<?> type, Field field) {
        if (!takesValue(field)) {
            return "";
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            field.setAccessible(true);
            Object value = field.get(constructor.newInstance());
            boolean isNone = value == null || value.getClass().isArray() && Array.getLength(value) == 0;
            return isNone || value.equals(List.of()) ? "" : value.toString();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    private static String sentence(String description) {
        String text = escape(description.strip());
        return text.endsWith(".") ? text : text + '.';
    }

    static String cell(String text) {
        return escape(text).replace("|", "\\|");
    }

    /** Descriptions are plain text. */
    private static String escape(String text) {
        return text.replaceAll("([\\\\`*_<>\\[\\]&#])", "\\\\$1");
    }
}
