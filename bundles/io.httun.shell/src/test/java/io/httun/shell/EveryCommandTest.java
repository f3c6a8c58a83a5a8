// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.impl.action.command.DefaultActionPreparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Karaf's processing of a command before it runs; other tests do not read the annotations. */
class EveryCommandTest {
    private static final Session SESSION = FakeServices.proxy(Session.class, (method, args) -> null);

    static Stream<Class<?>> commands() throws IOException {
        Path classes =
                Path.of(HttunCommand.class.getResource("HttunCommand.class").getPath());
        try (Stream<Path> files = Files.list(classes.getParent())) {
            return files
                    .map(file -> file.getFileName().toString().replace(".class", ""))
                    .filter(name -> name.endsWith("Command"))
                    .<Class<?>>map(EveryCommandTest::load)
                    .filter(type -> type.isAnnotationPresent(Command.class))
                    .toList()
                    .stream();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName("io.httun.shell." + name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean prepare(Action command, Object... words) throws Exception {
        return new DefaultActionPreparator().prepare(command, SESSION, List.of(words));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void isOneThatTheConsoleCanRun(Class<?> type) throws Exception {
        Constructor<?> constructor = type.getDeclaredConstructor();
        assertThatCode(() -> prepare((Action) constructor.newInstance(), "a", "b"))
                .satisfiesAnyOf(none -> assertThat(none).isNull(), wrong -> assertThat(wrong)
                        .hasMessageContaining("Too many arguments"));
    }

    @Test
    void aUserIsAddedWithOptionsOnEitherSide() throws Exception {
        UserAddCommand command = new UserAddCommand();
        assertThat(prepare(command, "--password-file", "p", "users", "ann")).isTrue();
        assertThat(command)
                .extracting(add -> add.file, add -> add.user, add -> add.passwordFile)
                .containsExactly("users", "ann", "p");
        UserAddCommand other = new UserAddCommand();
        assertThat(prepare(other, "users", "ann", "--password-file", "p")).isTrue();
        LateOptions.set(other, other.late);
        assertThat(other.passwordFile).isEqualTo("p");
    }
}
