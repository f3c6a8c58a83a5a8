// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSettingsTest {
    private final Map<String, Object> properties = new HashMap<>();

    @BeforeEach
    void key(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("cluster.key"), "ab".repeat(32) + "\n");
        properties.put("service.pid", "io.httun.cluster");
        properties.put("key.file", file.toString());
        properties.put("members", "node1.example:7800, [fd00::2]:7801");
    }

    private void assertRefused(String property, Object value, String message) {
        properties.put(property, value);
        assertThatThrownBy(() -> ClusterSettings.read(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessage("io.httun.cluster: " + property + " = " + value + ": " + message);
    }

    @Test
    void hasDefaults() {
        ClusterSettings settings = ClusterSettings.read(properties);
        assertThat(settings.listen().toString()).contains("127.0.0.1:7800");
        assertThat(settings.forwarding().toString()).contains("127.0.0.1:7801");
        assertThat(settings.name()).isEqualTo("127.0.0.1:7800");
        assertThat(settings.members())
                .extracting(each -> each.getHostString() + ' ' + each.getPort())
                .containsExactly("node1.example 7800", "fd00::2 7801");
    }

    @Test
    void neverShowsTheKey() {
        assertThat(ClusterSettings.read(properties).toString()).doesNotContain("abab");
    }

    @Test
    void needsAKey() {
        assertRefused("key.file", "", "name a key file here (make one with: httun gen-key FILE)");
    }

    @Test
    void needsAnAddressThatOthersReach() {
        assertRefused(
                "listen",
                "*:7800",
                "must be ADDRESS:PORT such as 10.0.0.1:7800, an address of this host by which the others reach it");
    }

    @Test
    void needsTwoPorts() {
        assertRefused("forward.port", 7800, "is the port of listen; choose another");
    }

    @Test
    void needsMembersOrAFolder() {
        assertRefused(
                "members", "", "name the other servers here, each HOST:PORT, or a shared folder in members.folder");
        properties.put("members.folder", "/shared");
        assertThat(ClusterSettings.read(properties).folder()).contains(Path.of("/shared"));
        assertRefused("members", "a:1", "set this or members.folder, not both");
    }

    @Test
    void namesTheMemberThatIsWrong() {
        for (String wrong : new String[] {"node1", "node1:0", "node1:70000", "http://node1:7800", "a b:1"}) {
            assertRefused("members", wrong, "must be HOST:PORT such as node2.example:7800, as listen there");
        }
    }

    @Test
    void namesAWrongName() {
        assertRefused("name", "north east", "must be 1 to 64 of A-Z a-z 0-9 - _ .");
    }
}
