// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.karaf.shell.api.console.Session;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCommandsTest {
    @TempDir
    Path folder;

    private Session session(String password) {
        return FakeServices.proxy(Session.class, (method, args) -> method.equals("readLine") ? password : folder);
    }

    private String add(String user, String password) throws Exception {
        UserAddCommand command = new UserAddCommand();
        command.session = session(password);
        command.file = "users";
        command.user = user;
        return Run.command(command, new FakeServices());
    }

    @Test
    void keepsAHashThatTheListenersKnowAndNobodyElseCanRead() throws Exception {
        assertThat(add("ann", "secret")).startsWith("Added ann").doesNotContain("secret");
        Path file = folder.resolve("users");
        String line = Files.readString(file).strip();
        assertThat(line).matches("ann:\\$2b\\$11\\$[./A-Za-z0-9]{53}");
        assertThat(OpenBSDBCrypt.checkPassword(line.substring(4), "secret".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder).isDirectoryNotContaining("glob:**.users*");
    }

    @Test
    void changesListsAndDeletes() throws Exception {
        Files.writeString(folder.resolve("users"), "# who may\n");
        add("ann", "one");
        add("bob", "two");
        assertThat(add("ann", "three")).startsWith("Changed the password of ann");
        UserListCommand list = new UserListCommand();
        list.session = session("");
        list.file = "users";
        assertThat(Run.command(list, new FakeServices())).isEqualToIgnoringNewLines("bob\nann\n");
        UserDeleteCommand delete = new UserDeleteCommand();
        delete.session = session("");
        delete.file = "users";
        delete.user = "bob";
        assertThat(Run.command(delete, new FakeServices())).startsWith("Removed bob from");
        assertThat(Files.readString(folder.resolve("users")))
                .startsWith("# who may\nann:")
                .doesNotContain("bob");
        assertThatThrownBy(() -> Run.command(delete, new FakeServices())).hasMessageContaining("No user bob");
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> add("a:b", "x")).hasMessageContaining("must not be empty, start with # or hold ':'");
        assertThatThrownBy(() -> add("ann", "")).hasMessage("A password has 1 to 72 bytes, this one has 0");
        assertThatThrownBy(() -> add("ann", "x".repeat(73)))
                .hasMessage("A password has 1 to 72 bytes, this one has 73");
    }
}
