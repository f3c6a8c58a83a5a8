// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Any value of any property of a channel is taken, or refused with the message for the user. */
class ConfigurationFuzzTest {
    private static final String SECRET = "00112233445566778899aabbccddeeff".repeat(2);
    /** So much of it would be too much. */
    private static final String PART = SECRET.substring(0, 8);

    @FuzzTest(maxDuration = "1m")
    void channel(byte[] input) {
        Map<String, Object> properties = new HashMap<>(Map.of("name", "fuzz", "id", "1", "secret", SECRET));
        String text = new String(input, StandardCharsets.UTF_8);
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.contains("file")) {
                properties.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        try {
            ChannelSettings.read(properties, settings -> settings);
        } catch (ConfigException expected) {
            // Jazzer learns what is looked for, and writes it elsewhere.
            if (expected.getMessage().contains(PART) && !text.contains(PART)) {
                throw new AssertionError("the secret is in: " + expected.getMessage());
            }
        }
    }
}
