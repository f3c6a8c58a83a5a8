// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictConfigTest {
    private static final String KEY = "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a22";

    @interface Sample {
        String name();

        int id() default 7;

        long queue_bytes() default 1L << 40;

        double share() default 0.5;

        boolean test_enabled() default false;

        String[] filters() default {"public"};

        int[] ports() default {};

        String secret() default "";

        String with__underscore() default "u";

        String with$_$dash() default "d";

        @RenamedFrom("limit")
        int limit_bytes() default 5;
    }

    @Test
    void readsARenamedPropertyUnderItsOldNameForOneVersion() {
        assertThat(read(Map.of("name", "home", "limit", "9")).limit_bytes()).isEqualTo(9);
        assertThat(read(Map.of("name", "home", "limit.bytes", "9")).limit_bytes())
                .isEqualTo(9);
        assertThatThrownBy(() -> read(Map.of("name", "home", "limit", "9", "limit.bytes", "9")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("limit is now called limit.bytes, and both are set: delete the line of limit");
        assertThatThrownBy(() -> read(Map.of("name", "home", "limit", "many")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("limit.bytes");
    }

    @Test
    void takesDefaultsFromTheAnnotation() {
        Sample sample = read(Map.of("name", "home"));
        assertThat(sample.name()).isEqualTo("home");
        assertThat(sample.id()).isEqualTo(7);
        assertThat(sample.queue_bytes()).isEqualTo(1L << 40);
        assertThat(sample.share()).isEqualTo(0.5);
        assertThat(sample.test_enabled()).isFalse();
        assertThat(sample.filters()).containsExactly("public");
        assertThat(sample.ports()).isEmpty();
        assertThat(sample.annotationType()).isEqualTo(Sample.class);
        assertThat(sample).hasToString("Sample").isEqualTo(sample).hasSameHashCodeAs(sample);
    }

    @Test
    void readsTextAsAFileHoldsIt() {
        Sample sample = read(Map.of(
                "name", " home ",
                "id", " 8 ",
                "queue.bytes", "-1",
                "share", "0.25",
                "test.enabled", "true",
                "filters", "a, b ,,c",
                "ports", "80,443",
                "with_underscore", "x",
                "with-dash", "y"));
        assertThat(sample.name()).isEqualTo("home");
        assertThat(sample.id()).isEqualTo(8);
        assertThat(sample.queue_bytes()).isEqualTo(-1);
        assertThat(sample.share()).isEqualTo(0.25);
        assertThat(sample.test_enabled()).isTrue();
        assertThat(sample.filters()).containsExactly("a", "b", "c");
        assertThat(sample.ports()).containsExactly(80, 443);
        assertThat(sample.with__underscore()).isEqualTo("x");
        assertThat(sample.with$_$dash()).isEqualTo("y");
    }

    @Test
    void readsTypedValues() {
        Sample sample = read(Map.of(
                "name",
                "n",
                "id",
                9,
                "queue.bytes",
                5L,
                "test.enabled",
                true,
                "filters",
                List.of("a"),
                "ports",
                new Object[] {1, "2"}));
        assertThat(sample.id()).isEqualTo(9);
        assertThat(sample.queue_bytes()).isEqualTo(5);
        assertThat(sample.test_enabled()).isTrue();
        assertThat(sample.filters()).containsExactly("a");
        assertThat(sample.ports()).containsExactly(1, 2);
    }

    @Test
    void passesOverWhatBelongsToTheFramework() {
        assertThat(read(Map.of(
                                "name", "n",
                                "service.pid", "p",
                                "service.factoryPid", "f",
                                "component.id", 4L,
                                "felix.fileinstall.filename", "file:/etc/a.cfg",
                                "connector.target", "(name=a)",
                                ".private", "x",
                                "objectClass", new String[] {"a"}))
                        .name())
                .isEqualTo("n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id           | seven | id = seven: must be a number",
                "id           | 1.0   | id = 1.0: must be a number",
                "id           | ''    | id = : must be a number",
                "id           | 2147483648 | id = 2147483648: must be a number",
                "queue.bytes  | 1k    | queue.bytes = 1k: must be a number",
                "share        | half  | share = half: must be a number",
                "ports        | 80,x  | ports = x: must be a number",
                "test.enabled | yes   | test.enabled = yes: must be true or false",
                "test.enabled | True  | test.enabled = True: must be true or false",
            })
    void namesFilePropertyValueAndWhatWouldBeRight(String property, String value, String message) {
        assertThatThrownBy(() -> read(Map.of("name", "n", property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("home.cfg: " + message);
    }

    @Test
    void listsThePropertiesThereAreWhenOneIsUnknown() {
        assertThatThrownBy(() -> read(Map.of("name", "n", "di", "7")))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "home.cfg: di = 7: no such property; known are filters, id, limit.bytes, name, ports, queue.bytes, "
                                + "secret, share, test.enabled, with-dash, with_underscore");
    }

    @Test
    void asksForWhatIsRequired() {
        assertThatThrownBy(() -> read(Map.of("id", "7")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("home.cfg: name: is required and not set");
    }

    @ParameterizedTest
    @CsvSource({
        "secret, hunter2",
        "client.secret, hunter2",
        "Password, hunter2",
        "sercet, " + KEY,
        "secret.file, " + KEY
    })
    void showsNoSecretHoweverWrongItsPlace(String property, String value) {
        assertThatThrownBy(() -> {
                    throw new ConfigException(property, value, "is wrong");
                })
                .hasMessage(property + " = ***: is wrong");
    }

    @Test
    void showsTheNameOfASecretsFile() {
        assertThat(new ConfigException("secret.file", "etc/key", "is wrong"))
                .hasMessage("secret.file = etc/key: is wrong");
    }

    @Test
    void putsTheFileBeforeWhatTheSettingsComplainOf() {
        assertThatThrownBy(() -> StrictConfig.read(Sample.class, file("name", "n", "id", "40000"), sample -> {
                    return StrictConfig.range("id", sample.id(), 0, 32_767);
                }))
                .isInstanceOf(ConfigException.class)
                .hasMessage("home.cfg: id = 40000: must be 0 to 32767");
    }

    @Test
    void rangesIncludeBothEnds() {
        assertThat(StrictConfig.range("a", 0, 0, 5)).isZero();
        assertThat(StrictConfig.range("a", 5L, 0L, 5L)).isEqualTo(5);
        assertThatThrownBy(() -> StrictConfig.range("a", -1, 0, 5)).hasMessage("a = -1: must be 0 to 5");
        assertThatThrownBy(() -> StrictConfig.range("a", 6, 0, 5)).hasMessage("a = 6: must be 0 to 5");
    }

    @Test
    void namesThePidWhereThereIsNoFile() {
        assertThat(StrictConfig.source(Map.of("service.pid", "io.httun.channel~home")))
                .isEqualTo("io.httun.channel~home");
        assertThat(StrictConfig.source(Map.of("felix.fileinstall.filename", "/karaf/etc/a b.cfg")))
                .isEqualTo("a b.cfg");
        assertThat(StrictConfig.source(Map.of("felix.fileinstall.filename", "file:/karaf/etc/a%20b.cfg")))
                .isEqualTo("a b.cfg");
    }

    private static Sample read(Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(file());
        all.putAll(properties);
        return StrictConfig.read(Sample.class, all, Function.identity());
    }

    private static Map<String, Object> file(String... pairs) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("felix.fileinstall.filename", "file:/karaf/etc/home.cfg");
        for (int i = 0; i < pairs.length; i += 2) {
            properties.put(pairs[i], pairs[i + 1]);
        }
        return properties;
    }
}
