// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;

/** CONNECT and requests to be forwarded. */
class ConnectFuzzTest {
    private static final ConnectSettings SETTINGS = ConnectSettings.read(Map.of("name", "fuzz"));

    @FuzzTest(maxDuration = "1m")
    void connect(byte[] input) {
        Negotiating.say(input, SETTINGS.common(), client -> new HttpNegotiation(client, SETTINGS));
    }
}
