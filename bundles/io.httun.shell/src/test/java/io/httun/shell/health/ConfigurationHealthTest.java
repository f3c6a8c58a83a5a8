// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.TargetFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations and files that nothing uses. */
class ConfigurationHealthTest extends HealthRig {
    @ParameterizedTest
    @CsvSource({
        "io.httun.listner.socks, x, no component uses io.httun.listner.socks -> rename the file to"
                + " io.httun.listener.socks-x.cfg",
        "socks, x, no component uses socks -> rename the file to io.httun.listener.socks-x.cfg",
        "socks~x, '', no component uses socks~x -> rename the file to io.httun.listener.socks-x.cfg",
        "io.httun.channel~x, '', no component uses io.httun.channel~x -> rename the file to io.httun.channel-x.cfg",
        "io.httun.nonsense, '', 'no component uses io.httun.nonsense -> remove it, or use a name from"
                + " docs/configuration.md'",
        "io.httun.tun, office, no component uses it: the feature httun-tun is not installed -> feature:install"
                + " httun-tun",
        "io.httun.filter.address, default, no component uses it: the bundle io.httun.filter is not active ->"
                + " bundle:start io.httun.filter",
    })
    void aConfigurationThatNoComponentTakes(String factory, String name, String problem) {
        configured(factory, name);
        assertThat(problems()).containsExactly((name.isEmpty() ? factory : factory + "~" + name) + ".cfg: " + problem);
    }

    @Test
    void everyPidThatIsShippedIsKnown() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("../../config", "../../config/examples")) {
            try (Stream<Path> all = Files.list(Path.of(folder))) {
                all.filter(file -> file.getFileName().toString().startsWith("io.httun."))
                        .forEach(files::add);
            }
        }
        assertThat(files).hasSizeGreaterThan(20).allSatisfy(file -> assertThat(
                        KnownPid.of(file.getFileName().toString().replaceFirst("(\\.cfg.*|-.*)$", "")))
                .as(file.toString())
                .isPresent());
    }

    @Test
    void aFilterThatAConfigurationNamesOrHasByDefault() {
        configured(CHANNEL, "other", "filters", "default, web, none");
        assertThat(problems())
                .containsExactly("io.httun.channel~other.cfg: filters: there is no filter web, so everything is refused"
                        + " -> bundle:start io.httun.filter, configure a filter of that name, or use one of default");
        services.remove(TargetFilter.class);
        assertThat(problems()).anySatisfy(problem -> assertThat(problem)
                .startsWith("io.httun.channel~home.cfg: filters: there is no filter default"));
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(etc.resolve(name), text);
        Files.setLastModifiedTime(etc.resolve(name), FileTime.fromMillis(0));
    }

    @Test
    void aFileThatBecameNoConfiguration() throws IOException {
        file("io.httun.channel~home.cfg", "name = home");
        file("io.httun.listener.socks-x.cfg", "bind = \\u12");
        file("io.httun.listener.socks-y.cfg", "name = y");
        file("org.apache.karaf.log.cfg", "\\u12");
        assertThat(problems())
                .satisfiesExactly(
                        broken -> assertThat(broken)
                                .startsWith("io.httun.listener.socks-x.cfg: is not a properties file: ")
                                .endsWith(" -> correct the file; a backslash in a value is written twice"),
                        refused -> assertThat(refused)
                                .isEqualTo("io.httun.listener.socks-y.cfg: Felix File Install has not loaded it -> see"
                                        + " what it logged: log:display"));
    }
}
