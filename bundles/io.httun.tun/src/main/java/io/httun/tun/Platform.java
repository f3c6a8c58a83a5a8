// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.util.Optional;
import java.util.Set;

/** Checks the support of this platform. */
final class Platform {
    private static final Set<String> PROCESSORS = Set.of("amd64", "x86_64", "aarch64");

    private Platform() {}

    /** The obstacle to TUN devices, in a sentence. */
    static Optional<String> problem() {
        return problem(System.getProperty("os.name"), System.getProperty("os.arch"))
                .or(Platform::library);
    }

    static Optional<String> problem(String system, String processor) {
        if (!system.equals("Linux") || !PROCESSORS.contains(processor)) {
            return Optional.of("TUN devices need Linux on x86_64 or aarch64; this is " + system + " on " + processor
                    + "; tunnels of connections (SOCKS, CONNECT, ports) work on it");
        }
        return Optional.empty();
    }

    private static Optional<String> library() {
        try {
            LibC.errno();
            return Optional.empty();
        } catch (LinkageError e) {
            return Optional.of(
                    "JNA's native part does not load (" + e.getMessage()
                            + "); it is unpacked into a temporary folder: set the system property jna.tmpdir to one that allows execution");
        }
    }
}
