// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.junit.jupiter.api.Test;

/** The generated references have all that the bundles have. */
class ReferenceTest {
    private static final String COMMAND_DESCRIPTOR = "Lorg/apache/karaf/shell/api/action/Command;";
    private static final Pattern DESIGNATE = Pattern.compile("<Designate (?:factoryPid|pid)=\"(io\\.httun\\.[^\"]+)\"");
    private static final Pattern ATTRIBUTE = Pattern.compile("<AD id=\"([^\"]+)\"");

    private static String site(String page) throws IOException {
        return Files.readString(Repository.SITE.resolve(page));
    }

    @Test
    void everyCommandAndOptionIsThere() throws Exception {
        String page = site("commands.html");
        List<String> commands = new ArrayList<>();
        for (Map.Entry<String, byte[]> file :
                ClassPath.files("io/httun/", ".class").entrySet()) {
            if (file.getKey().startsWith("io/httun/docs/")
                    || !new String(file.getValue(), StandardCharsets.ISO_8859_1).contains(COMMAND_DESCRIPTOR)) {
                continue;
            }
            Class<?> type = Class.forName(
                    file.getKey().replace(".class", "").replace('/', '.'),
                    false,
                    getClass().getClassLoader());
            Command command = type.getAnnotation(Command.class);
            commands.add(command.name());
            String section = section(page, "httun" + command.name());
            assertThat(section).contains(command.scope() + ':' + command.name());
            ShellCommands.options(type).forEach(option -> assertThat(section)
                    .as(type.getName())
                    .contains(option.getAnnotation(Option.class).name()));
        }
        assertThat(commands).hasSizeGreaterThan(30).contains("status", "health", "channel-add");
    }

    private static String section(String page, String id) {
        int from = page.indexOf("<h2 id=\"" + id + "\"");
        assertThat(from).as(id).isPositive();
        int to = page.indexOf("<h2 ", from + 1);
        return page.substring(from, to < 0 ? page.length() : to);
    }

    @Test
    void everyPropertyIsThereAndCanBeSearchedFor() throws IOException {
        String page = site("configuration.html");
        String index = site("search-index.js");
        int properties = 0;
        for (byte[] file : ClassPath.files("OSGI-INF/metatype/", ".xml").values()) {
            String xml = new String(file, StandardCharsets.UTF_8);
            for (MatchResult pid : DESIGNATE.matcher(xml).results().toList()) {
                for (MatchResult attribute : ATTRIBUTE.matcher(xml).results().toList()) {
                    String id = pid.group(1) + '.' + attribute.group(1);
                    assertThat(page).contains("<tr id=\"" + id + "\"");
                    assertThat(index).contains("configuration.html#" + id + '"');
                    properties++;
                }
            }
        }
        assertThat(properties).isGreaterThan(200);
    }

    @Test
    void everyCommandOfTheProgramIsThere() throws IOException {
        assertThat(site("command-line.html"))
                .contains("invite NAME [OPTIONS]", "usage: httun proxy", "usage: httun probe");
    }

    @Test
    void theDefaultHasAColumnOfItsOwn() {
        assertThat(ConfigurationProperties.withoutDefault("Seconds, 1 to 10. Default: 5."))
                .isEqualTo("Seconds, 1 to 10.");
        assertThat(ConfigurationProperties.withoutDefault("A name. Required.")).isEqualTo("A name.");
    }
}
