// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static io.httun.endpoint.fcgi.FcgiClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelReply;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class UnixSocketTest {
    @TempDir
    Path folder;

    private final Loops loops = new Loops();
    private FcgiEndpoint endpoint;

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.deactivate();
        }
        loops.close();
    }

    private Path socket() {
        return folder.resolve("fcgi.sock");
    }

    private void start(Map<String, Object> properties) {
        endpoint = new FcgiEndpoint(loops, properties);
        endpoint.open();
        endpoint.addService(
                request -> CompletableFuture.completedFuture(TunnelReply.bare(200, List.of(TunnelReply.NO_STORE))),
                Map.of());
    }

    private Map<String, Object> at(Path path, String mode) {
        return Map.of("listen", "unix:" + path, "socket.mode", mode);
    }

    private String state() {
        return endpoint.endpoints().get(0).state();
    }

    private static void assertAnswers(Path path) throws IOException {
        try (FcgiClient client = new FcgiClient(UnixDomainSocketAddress.of(path))) {
            assertThat(client.request(1, false, get("/1"), new byte[0])
                            .answer(1)
                            .status())
                    .isEqualTo("200 OK");
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void listensWithTheModeItIsGivenAndCleansUp() throws IOException {
        start(at(socket(), "0600"));
        assertAnswers(socket());
        assertThat(mode(socket())).isEqualTo("rw-------");
        endpoint.modified(at(socket(), "0666"));
        assertThat(mode(socket())).isEqualTo("rw-rw-rw-");
        endpoint.modified(at(folder.resolve("other.sock"), "0660"));
        assertAnswers(folder.resolve("other.sock"));
        endpoint.deactivate();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void givesTheSocketToItsOwner() throws IOException {
        Assumptions.assumeTrue(
                Files.getOwner(folder).getName().equals("root"), "only root may give a file to somebody else");
        start(Map.of("listen", "unix:" + socket(), "socket.owner", "www-data:daemon"));
        PosixFileAttributes attributes = Files.readAttributes(socket(), PosixFileAttributes.class);
        assertThat(attributes.owner().getName()).isEqualTo("www-data");
        assertThat(attributes.group().getName()).isEqualTo("daemon");
    }

    @Test
    void anOwnerThatDoesNotExistIsNamed() {
        start(Map.of("listen", "unix:" + socket(), "socket.owner", "no-such-user"));
        assertThat(state()).contains("no-such-user").contains("socket.owner");
        assertThat(socket()).doesNotExist();
    }

    @Test
    void replacesWhatACrashHasLeft() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket()))
                .close();
        assertThat(socket()).exists();
        start(at(socket(), "0600"));
        assertAnswers(socket());
    }

    @Test
    void takesNothingFromAnotherProcess() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket()));
            start(at(socket(), "0600"));
            assertThat(state()).contains("another process listens on " + socket());
        }
    }

    @Test
    void aFileThatIsNoSocketStays() throws IOException {
        Files.writeString(socket(), "precious");
        start(at(socket(), "0600"));
        assertThat(state()).contains("is no socket");
        assertThat(socket()).hasContent("precious");
    }

    @Test
    void aMissingFolderIsNamed() {
        start(at(folder.resolve("not/there.sock"), "0600"));
        assertThat(state()).contains("folder " + folder.resolve("not") + " does not exist; create it");
    }

    @Test
    void aWrongChangeLeavesWhatRuns() throws IOException {
        start(at(socket(), "0600"));
        endpoint.modified(Map.of("listen", "unix:" + socket() + ", unix:" + folder.resolve("not/there.sock")));
        assertAnswers(socket());
        endpoint.modified(Map.of("listen", "unix:relative"));
        assertAnswers(socket());
        assertThat(state()).isEqualTo("open");
    }
}
