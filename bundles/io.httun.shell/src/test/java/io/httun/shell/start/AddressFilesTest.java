// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a start has an address to wait for. */
class AddressFilesTest {
    @TempDir
    Path etc;

    @Test
    void aClientAsInstalledHasNone() throws IOException {
        write("io.httun.connector.direct-direct.cfg");
        write("io.httun.filter.address-default.cfg");
        write("io.httun.client-home.cfg");
        write("io.httun.tun-office.cfg");
        write("io.httun.relay.cfg");
        write("io.httun.listener.socks-home.cfg.example");
        write("org.ops4j.pax.web.cfg");

        assertThat(new AddressFiles(etc).any(pid -> true)).isFalse();
    }

    @Test
    void aListenerHasOne() throws IOException {
        write("io.httun.listener.socks-home.cfg");

        assertThat(new AddressFiles(etc).any("io.httun.listener.socks"::equals)).isTrue();
    }

    @Test
    void anEndpointThatIsNotInstalledHasNone() throws IOException {
        write("io.httun.endpoint.fcgi-default.cfg");

        assertThat(new AddressFiles(etc).any("io.httun.listener.socks"::equals)).isFalse();
        assertThat(new AddressFiles(etc).any("io.httun.endpoint.fcgi"::equals)).isTrue();
    }

    private void write(String name) throws IOException {
        Files.createFile(etc.resolve(name));
    }
}
