// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.HttunException;
import io.httun.toolkit.config.InterfaceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is damaged is refused with the name of its file, and one that is read names no wrong device and no wrong route. */
class JournalFuzzTest {
    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5s")
    void journal(byte[] input) throws IOException {
        Path file = Files.write(folder.resolve("tun.properties"), input);
        Journal journal;
        try {
            journal = new Journal(file);
        } catch (HttunException expected) {
            if (!expected.getMessage().contains(file.toString())) {
                throw new AssertionError(expected.getMessage());
            }
            return;
        }
        journal.isMade();
        if (!journal.device().isEmpty()) {
            InterfaceName.check("journal", journal.device());
        }
        journal.addresses().forEach(address -> Prefix.parse("journal", address));
        journal.outside().forEach(Routing::parse);
    }
}
