// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalsTest {
    @Test
    void journalsOfAnOlderVersionMoveOnceAndNeverOverNewerOnes(@TempDir Path folder) {
        Journals old = new Journals(folder.resolve("bundle"));
        old.journal("io.httun.tun~a").device("tun-a", true);
        old.journal("io.httun.tun~b").device("tun-b", true);
        Journals own = new Journals(folder.resolve("data/httun/devices"));
        own.journal("io.httun.tun~b").device("tun-new", true);
        own.adopt(folder.resolve("bundle"));
        assertThat(Set.copyOf(own.pids())).containsExactlyInAnyOrder("io.httun.tun~a", "io.httun.tun~b");
        assertThat(own.journal("io.httun.tun~a").device()).isEqualTo("tun-a");
        assertThat(own.journal("io.httun.tun~b").device()).isEqualTo("tun-new");
        assertThat(old.pids()).isEmpty();
        own.adopt(folder.resolve("bundle"));
        assertThat(own.pids()).hasSize(2);
    }
}
