// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.impl.action.command.DefaultActionPreparator;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each command line of each page is one that the real commands take: Karaf's processing of it up to its run, and what bin/httun says of itself. */
class CommandLinesTest {
    private static final Pattern CONSOLE = Pattern.compile("(?:httun|feature|config|bundle|log):[a-z][a-z-]*");
    private static final Pattern PROGRAM = Pattern.compile("(?:\\S*/)?httun");
    private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z_]*|\\.\\.\\.");
    /** Those of Karaf that pages name. */
    private static final Set<String> FEATURES_OF_KARAF = Set.of("eventadmin", "management", "webconsole");

    private static final Session SESSION = (Session) Proxy.newProxyInstance(
            Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> null);

    private static final Map<String, Class<?>> CONSOLE_COMMANDS = new HashMap<>();
    private static Map<String, Set<String>> programOptions;
    private static Set<String> programCommands;
    private static String features;

    static List<Path> pages() throws IOException {
        return Repository.pages();
    }

    @BeforeAll
    static void readCommands() throws IOException {
        CONSOLE_COMMANDS.putAll(ShellCommands.find("io.httun."));
        CONSOLE_COMMANDS.putAll(KarafCommands.find());
        programCommands = new TreeSet<>();
        for (String line : CommandLine.help(Repository.ROOT, "--help").lines().toList()) {
            if (line.matches("  -?-?[a-z][a-z-]*( .*)?")
                    && !line.startsWith("  netty")
                    && !line.startsWith("  cxf")
                    && !line.startsWith("  fcgi")) {
                programCommands.add(line.strip().split(" ")[0]);
            }
        }
        programOptions = new HashMap<>();
        for (String command : CommandLine.WITH_HELP) {
            programOptions.put(command, options(CommandLine.help(Repository.ROOT, command, "--help")));
        }
        programOptions.put("demo", Set.of("--endpoint"));
        programOptions.put("server", Set.of("--endpoint"));
        programOptions.put("drain", Set.of("--for", "--end"));
        programOptions.put("import", Set.of("--server", "--client"));
        programOptions.put(
                "invite",
                ShellCommands.options(CONSOLE_COMMANDS.get("httun:channel-add")).stream()
                        .map(field -> field.getAnnotation(Option.class).name())
                        .collect(Collectors.toSet()));
        features = Files.readString(Repository.ROOT.resolve("features/src/main/feature/features.xml"));
    }

    private static Set<String> options(String help) {
        return Pattern.compile("--[a-z][a-z-]*")
                .matcher(help)
                .results()
                .map(match -> match.group())
                .collect(Collectors.toSet());
    }

    /** The lines of code of a page, also those within its sentences. */
    private static List<String> lines(MarkdownPage page) {
        List<String> lines = new ArrayList<>();
        MarkdownPage.all(page.document(), IndentedCodeBlock.class)
                .forEach(block -> block.getLiteral().lines().forEach(lines::add));
        MarkdownPage.all(page.document(), FencedCodeBlock.class).stream()
                .filter(block -> !block.getInfo().startsWith("text"))
                .forEach(block -> block.getLiteral().lines().forEach(lines::add));
        MarkdownPage.all(page.document(), Code.class).forEach(code -> lines.add(code.getLiteral()));
        return lines;
    }

    /** What is wrong with a line; empty if nothing is, or if it is not for our commands. */
    private static List<String> faults(String line) {
        // Brackets stand around what may be left out.
        String whole = line.contains("[-") || line.matches(".*\\[[A-Z]+]$") ? line.replaceAll("[\\[\\]]", "") : line;
        List<String> faults = new ArrayList<>();
        for (List<String> command : CommandWords.of(whole.strip())) {
            try {
                check(command);
            } catch (Exception | LinkageError e) {
                faults.add(line + ": " + e.getMessage());
            }
        }
        return faults;
    }

    private static void check(List<String> words) throws Exception {
        String first = words.get(0);
        List<String> rest = words.subList(1, words.size());
        if (CONSOLE.matcher(first).matches()) {
            checkConsole(first, rest);
        } else if (PROGRAM.matcher(first).matches() && !rest.isEmpty()) {
            checkProgram(rest);
        }
    }

    private static void checkProgram(List<String> words) throws Exception {
        String command = words.get(0);
        if (PLACEHOLDER.matcher(command).matches() || !command.matches("-*[a-z-]+")) {
            return;
        }
        require(programCommands.contains(command), "there is no command " + command);
        List<String> rest = words.subList(1, words.size());
        if (command.equals("shell")
                && !rest.isEmpty()
                && !PLACEHOLDER.matcher(rest.get(0)).matches()) {
            for (List<String> inner : CommandWords.of(String.join(" ", rest))) {
                require(CONSOLE.matcher(inner.get(0)).matches(), "no command of the console: " + inner);
                checkConsole(inner.get(0), inner.subList(1, inner.size()));
            }
            return;
        }
        if (command.equals("shell")) {
            return;
        }
        for (String word : rest) {
            String option = word.replaceFirst("=.*", "");
            require(
                    !option.startsWith("--")
                            || option.equals("--help")
                            || programOptions.getOrDefault(command, Set.of()).contains(option),
                    command + " has no option " + option);
        }
    }

    private static void checkConsole(String name, List<String> words) throws Exception {
        Class<?> type = CONSOLE_COMMANDS.get(name);
        require(type != null, "there is no command " + name);
        if (words.isEmpty()) {
            // The name alone, in a sentence.
            return;
        }
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        require(
                new DefaultActionPreparator()
                        .prepare((Action) constructor.newInstance(), SESSION, ordered(type, words)),
                "it would print its help");
        if (name.equals("feature:install") || name.equals("feature:uninstall")) {
            words.stream()
                    .filter(word ->
                            !word.startsWith("-") && !PLACEHOLDER.matcher(word).matches())
                    .forEach(feature -> require(
                            features.contains("<feature name=\"" + feature + "\"")
                                    || FEATURES_OF_KARAF.contains(feature),
                            "there is no feature " + feature));
        }
        if (name.startsWith("bundle:")) {
            words.stream()
                    .filter(word -> word.startsWith("io.httun."))
                    .forEach(bundle -> require(
                            Files.isDirectory(Repository.ROOT.resolve("bundles").resolve(bundle)),
                            "there is no bundle " + bundle));
        }
    }

    /** Our commands take options behind the arguments too, if they say so; Karaf knows only those before. */
    private static List<Object> ordered(Class<?> type, List<String> words) {
        boolean takesLate = ShellCommands.fields(type).stream()
                .anyMatch(field -> field.getName().equals(ShellCommands.LATE_OPTIONS));
        List<Object> options = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            Field option = ShellCommands.options(type).stream()
                    .filter(field -> names(field).contains(word))
                    .findFirst()
                    .orElse(null);
            require(!takesLate || option != null || !word.startsWith("--"), "there is no option " + word);
            if (!takesLate || option == null) {
                others.add(word);
            } else {
                options.add(word);
                if (ShellCommands.takesValue(option) && i + 1 < words.size()) {
                    options.add(words.get(++i));
                }
            }
        }
        options.addAll(others);
        return options;
    }

    private static List<String> names(Field field) {
        Option option = field.getAnnotation(Option.class);
        List<String> names = new ArrayList<>(Arrays.asList(option.aliases()));
        names.add(option.name());
        return names;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void ofAPageAreTaken(Path page) throws IOException {
        List<String> faults = new ArrayList<>();
        lines(MarkdownPage.read(page)).forEach(line -> faults.addAll(faults(line)));
        assertThat(faults).isEmpty();
    }

    @Test
    void areFound() throws IOException {
        int found = 0;
        for (Path page : pages()) {
            for (String line : lines(MarkdownPage.read(page))) {
                found += (int) CommandWords.of(line).stream()
                        .filter(words -> CONSOLE.matcher(words.get(0)).matches()
                                || PROGRAM.matcher(words.get(0)).matches() && words.size() > 1)
                        .count();
            }
        }
        assertThat(found).isGreaterThan(150);
    }

    @Test
    void thatAreWrongAreFound() {
        assertThat(List.of(
                        "httun:status --json",
                        "bin/httun shell 'httun:channel-rotate laptop --grace 7d'   # comment",
                        "HTTUN_BASE=/x bin/httun invite a --url http://h/ | cat",
                        "feature:install httun-server",
                        "curl --anything"))
                .allSatisfy(line -> assertThat(faults(line)).isEmpty());
        assertThat(List.of(
                        "httun:statuss",
                        "httun:status --jason",
                        "httun:status one two",
                        "httun:channel-rotate laptop --gracious 7d",
                        "httun:user-add users",
                        "httun invte a",
                        "echo x && httun invite a --ulr http://h/",
                        "bin/httun shell httun:statuss",
                        "bin/httun shell staus",
                        "feature:install httun-sever",
                        "feature:install -q httun-server",
                        "bundle:stop io.httun.filters"))
                .allSatisfy(line -> assertThat(faults(line)).as(line).hasSize(1));
    }

    @Test
    void aValueThatIsNoNumberIsFound() {
        assertThatThrownBy(() -> checkConsole("httun:test", List.of("home", "--count", "many")))
                .isInstanceOf(Exception.class);
    }
}
