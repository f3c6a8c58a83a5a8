// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may connect to a Unix domain socket: owner, group and mode of its file.
 *
 * @param user empty leaves what the process has; so for the group
 */
public record SocketAccess(String user, String group, Set<PosixFilePermission> mode) {
    /** In the order of the bits, highest first. */
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE
    };

    /**
     * @param owner USER, USER:GROUP, :GROUP or empty
     * @param mode octal
     * @throws ConfigException naming {@code socket.owner} or {@code socket.mode}
     */
    public static SocketAccess parse(String owner, String mode) {
        if (!mode.matches("0?[0-7]{3}")) {
            throw new ConfigException("socket.mode", mode, "must be an octal mode such as 0660");
        }
        if (!owner.matches("[^:\\s]*(:[^:\\s]+)?")) {
            throw new ConfigException("socket.owner", owner, "must be USER, USER:GROUP or :GROUP");
        }
        int bits = Integer.parseInt(mode, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < BITS.length; i++) {
            if ((bits & 1 << BITS.length - 1 - i) != 0) {
                permissions.add(BITS[i]);
            }
        }
        int colon = owner.indexOf(':');
        return new SocketAccess(
                colon < 0 ? owner : owner.substring(0, colon),
                colon < 0 ? "" : owner.substring(colon + 1),
                permissions);
    }

    /** @param made whom the socket belonged to when it was made, for what is empty here */
    void apply(Path socket, PosixFileAttributes made) throws IOException {
        UserPrincipalLookupService names = socket.getFileSystem().getUserPrincipalLookupService();
        UserPrincipal owner = user.isEmpty() ? made.owner() : names.lookupPrincipalByName(user);
        GroupPrincipal members = group.isEmpty() ? made.group() : names.lookupPrincipalByGroupName(group);
        PosixFileAttributeView file = Files.getFileAttributeView(socket, PosixFileAttributeView.class);
        PosixFileAttributes now = file.readAttributes();
        // The mode is set last: until then only the owner has access.
        if (!owner.equals(now.owner())) {
            file.setOwner(owner);
        }
        if (!members.equals(now.group())) {
            file.setGroup(members);
        }
        file.setPermissions(mode);
    }
}
