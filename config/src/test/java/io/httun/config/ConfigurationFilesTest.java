// SPDX-License-Identifier: Apache-2.0
package io.httun.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.config.StrictConfig;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files and the reference say what the code does: every property, no other one, every default. */
class ConfigurationFilesTest {
    private static final Path FOLDER = Path.of("").toAbsolutePath();
    private static final Path REFERENCE = FOLDER.resolveSibling("docs/configuration.md");

    private static Map<String, Metatypes.Metatype> metatypes;

    @BeforeAll
    static void read() throws Exception {
        metatypes = Metatypes.read();
    }

    static List<CfgFile> files() throws IOException {
        List<CfgFile> files = new ArrayList<>();
        for (String folder : List.of("", "examples", "demo")) {
            try (Stream<Path> listed = Files.list(FOLDER.resolve(folder))) {
                for (Path path : listed.filter(p -> p.toString().matches(".*\\.cfg(\\.example)?"))
                        .sorted()
                        .toList()) {
                    files.add(CfgFile.read(path));
                }
            }
        }
        return files;
    }

    static List<CfgFile> references() throws IOException {
        return files().stream().filter(CfgFile::isReference).toList();
    }

    private static Map<String, Attribute> attributes(CfgFile file) {
        assertThat(metatypes).as("the PID of " + file).containsKey(file.pid());
        return metatypes.get(file.pid()).attributes();
    }

    @ParameterizedTest
    @MethodSource("files")
    void holdsOnlyPropertiesThatExistAndEveryRequiredOne(CfgFile file) {
        Map<String, Attribute> attributes = attributes(file);
        assertThat(attributes.keySet())
                .containsAll(file.set().keySet())
                .containsAll(file.shown().keySet());
        assertThat(file.twice()).isEmpty();
        assertThat(file.set().keySet())
                .containsAll(attributes.values().stream()
                        .filter(Attribute::isRequired)
                        .map(Attribute::name)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyValueIsOfTheRightType(CfgFile file) {
        attributes(file);
        Class<? extends Annotation> type = metatypes.get(file.pid()).type().asSubclass(Annotation.class);
        assertThat(StrictConfig.<Annotation, Annotation>read(cast(type), file.set(), Function.identity()))
                .isInstanceOf(type);
    }

    @SuppressWarnings("unchecked")
    private static Class<Annotation> cast(Class<? extends Annotation> type) {
        return (Class<Annotation>) type;
    }

    @ParameterizedTest
    @MethodSource("references")
    void explainsEveryPropertyAndShowsItsDefault(CfgFile file) {
        Map<String, Attribute> attributes = attributes(file);
        assertThat(Stream.concat(file.set().keySet().stream(), file.shown().keySet().stream()))
                .containsExactlyInAnyOrderElementsOf(attributes.keySet());
        assertThat(file.bare()).isEmpty();
        assertThat(file.shown()).allSatisfy((name, value) -> assertThat(value)
                .as(name)
                .isEqualTo(attributes.get(name).defaultText()));
    }

    @Test
    void everyPidHasAFile() throws IOException {
        assertThat(references().stream().map(CfgFile::pid)).containsAll(metatypes.keySet());
    }

    /** One table per PID, whose rows are property, description, default. */
    @Test
    void theReferenceHasEveryPropertyWithItsDefault() throws IOException {
        Map<String, String> sections = Pattern.compile("(?m)^## ")
                .splitAsStream(Files.readString(REFERENCE))
                .filter(section -> section.startsWith("`io.httun."))
                .collect(Collectors.toMap(section -> section.split("[`~]")[1], Function.identity()));
        assertThat(sections).containsOnlyKeys(metatypes.keySet());
        metatypes.forEach((pid, metatype) -> assertThat(rows(sections.get(pid)))
                .as(pid)
                .containsExactlyInAnyOrderElementsOf(metatype.attributes().values().stream()
                        .map(ConfigurationFilesTest::row)
                        .toList()));
    }

    private static List<String> rows(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| "))
                .map(cells -> cells[0].substring(2) + " " + cells[cells.length - 1].replaceAll(" *\\|$", ""))
                .toList();
    }

    private static String row(Attribute attribute) {
        String value = attribute.isRequired() ? "required" : attribute.defaultText();
        return "`" + attribute.name() + "` "
                + (value.isEmpty() ? "empty" : attribute.isRequired() ? value : "`" + value + "`");
    }
}
