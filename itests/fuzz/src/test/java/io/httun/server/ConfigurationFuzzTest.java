// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Any value of any property of a channel is taken, or refused with the message for the user. */
class ConfigurationFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void channel(byte[] input) {
        Map<String, Object> properties = new HashMap<>(
                Map.of("name", "fuzz", "id", "1", "secret", "00112233445566778899aabbccddeeff".repeat(2)));
        new String(input, StandardCharsets.UTF_8).lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.contains("file")) {
                properties.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        try {
            ChannelSettings.read(properties, settings -> settings);
        } catch (ConfigException expected) {
            if (expected.getMessage().contains("00112233")) {
                throw new AssertionError("the secret is in: " + expected.getMessage());
            }
        }
    }
}
