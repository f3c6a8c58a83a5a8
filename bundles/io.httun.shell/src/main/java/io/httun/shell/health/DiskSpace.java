// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether there is room for what the process writes: logs, the configurations that Karaf stores, bundles that are installed.
 *
 * @param folder whose disk it is
 * @param least bytes that should be free
 */
record DiskSpace(Path folder, long least) implements HealthSource {
    /** As the start of the program wants it when the folder has its content already. */
    static final long LEAST = 8L << 20;

    @Override
    public List<Problem> problems() {
        long free;
        try {
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            return List.of(new Problem("disk", folder + " cannot be read: " + e, "restore the folder, then restart"));
        }
        return free >= least
                ? List.of()
                : List.of(new Problem(
                        "disk",
                        "the disk is full: " + folder + " has room for " + (free >> 20) + " MiB, and logs and changed"
                                + " configurations need " + (least >> 20) + " MiB",
                        "free space on that disk; connections are not affected, but changes are lost with a restart"));
    }
}
