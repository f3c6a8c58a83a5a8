// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.HttunException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/**
 * The file of a Unix domain socket. It is bound under another name and moved to its place once owner and mode are right, so
 * that no client can connect too early, and a file left by a crash is replaced in one step.
 */
final class UnixSocket {
    private final Path path;
    private final Path bound;
    private PosixFileAttributes made;

    UnixSocket(Path path) {
        this.path = path;
        this.bound = path.resolveSibling("." + path.getFileName() + ".new");
    }

    /** The temporary address to bind to. */
    Path prepare() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!attributes(path).isOther()) {
                throw new HttunException(path + " exists and is no socket; remove it or choose another path");
            }
            if (isAnswered()) {
                throw new HttunException("another process listens on " + path + "; stop it or choose another path");
            }
        } else if (!Files.isDirectory(path.getParent())) {
            throw new HttunException("folder " + path.getParent() + " does not exist; create it");
        }
        Files.deleteIfExists(bound);
        return bound;
    }

    private boolean isAnswered() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return !String.valueOf(e.getMessage()).contains("refused");
        }
    }

    void publish(SocketAccess access) throws IOException {
        made = Files.readAttributes(bound, PosixFileAttributes.class);
        apply(access, bound);
        Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void change(SocketAccess access) throws IOException {
        apply(access, path);
    }

    private void apply(SocketAccess access, Path socket) throws IOException {
        try {
            access.apply(socket, made);
        } catch (UserPrincipalNotFoundException e) {
            throw new HttunException("socket.owner: there is no " + e.getName() + " on this host");
        }
    }

    /** Removes the file, unless another process has replaced it. */
    void remove() throws IOException {
        Files.deleteIfExists(bound);
        if (made != null
                && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && made.fileKey().equals(attributes(path).fileKey())) {
            Files.delete(path);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
