// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;

/** A pasted link is taken and can be written again, or refused with a message of one line. */
class LinkFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void link(byte[] input) {
        TunnelLink link;
        try {
            link = TunnelLink.parse(new String(input, StandardCharsets.UTF_8));
        } catch (ConfigException expected) {
            if (expected.getMessage().lines().count() != 1) {
                throw new AssertionError(expected.getMessage());
            }
            return;
        }
        if (!TunnelLink.parse(link.text()).text().equals(link.text())) {
            throw new AssertionError("read and written again, it is another one");
        }
        if (!link.name().matches("[A-Za-z0-9][A-Za-z0-9._-]*") || !link.text().matches("[!-~]+")) {
            throw new AssertionError("it could not be part of a file's name or of a configuration");
        }
    }
}
