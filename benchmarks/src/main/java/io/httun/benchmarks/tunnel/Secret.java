// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Shared secrets of a channel, and files that only their owner reads. */
public final class Secret {
    private static final int LENGTH = 32;

    private Secret() {}

    static byte[] random() {
        byte[] secret = new byte[LENGTH];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    /** 64 hex digits. */
    public static String randomHex() {
        return hex(random());
    }

    static String hex(byte[] secret) {
        return HexFormat.of().formatHex(secret);
    }

    /** A new file. */
    public static Path file(Path folder, String name, String content) throws IOException {
        Path file = Files.createFile(
                folder.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content);
    }
}
