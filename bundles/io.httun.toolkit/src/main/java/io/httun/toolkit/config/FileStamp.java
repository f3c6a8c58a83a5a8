// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * A value that changes when the file does.
 *
 * @param key device and inode: tells a file that was moved into place from the one before; null where the system has none
 */
record FileStamp(Object key, FileTime modified, long size) {
    private static final FileStamp UNREADABLE = new FileStamp(null, FileTime.fromMillis(0), -1);

    /** Follows symbolic links. */
    static FileStamp of(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(now.fileKey(), now.lastModifiedTime(), now.size());
        } catch (IOException e) {
            // Missing or unreadable is a state, too; the reader of the file reports the reason.
            return UNREADABLE;
        }
    }
}
