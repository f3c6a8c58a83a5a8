// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Who may send requests to a Unix socket.
 *
 * @param owner as configured: USER, USER:GROUP, :GROUP or empty
 * @param mode such as {@code rw-rw----}
 */
record SocketAccess(String owner, String mode) {
    private static final String FULL = "rwxrwxrwx";

    static SocketAccess of(String owner, String octal) {
        if (!octal.matches("0?[0-7]{3}")) {
            throw new ConfigException("socket.mode", octal, "must be an octal mode such as 0660");
        }
        if (!owner.matches("[^:\\s]*(:[^:\\s]+)?")) {
            throw new ConfigException("socket.owner", owner, "must be USER, USER:GROUP or :GROUP");
        }
        int bits = Integer.parseInt(octal, 8);
        StringBuilder mode = new StringBuilder(FULL);
        for (int i = 0; i < FULL.length(); i++) {
            if ((bits >> FULL.length() - 1 - i & 1) == 0) {
                mode.setCharAt(i, '-');
            }
        }
        return new SocketAccess(owner, mode.toString());
    }

    /** Returns what went wrong, or nothing. */
    String apply(String path) {
        Path file = Path.of(path);
        PosixFileAttributeView attributes = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        var names = file.getFileSystem().getUserPrincipalLookupService();
        String[] parts = owner.split(":", 2);
        try {
            if (!parts[0].isEmpty()) {
                attributes.setOwner(names.lookupPrincipalByName(parts[0]));
            }
            if (parts.length > 1) {
                attributes.setGroup(names.lookupPrincipalByGroupName(parts[1]));
            }
            attributes.setPermissions(PosixFilePermissions.fromString(mode));
            return "";
        } catch (IOException e) {
            return "socket.owner = " + owner + " or socket.mode = " + mode + " could not be set: " + e;
        }
    }
}
