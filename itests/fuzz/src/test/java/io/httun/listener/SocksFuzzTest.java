// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.util.Map;

/** SOCKS 4, 4a and 5, and the header of its datagrams. */
class SocksFuzzTest {
    private static final SocksSettings SETTINGS = SocksSettings.read(Map.of("name", "fuzz"));

    @FuzzTest(maxDuration = "1m")
    void socks(byte[] input) {
        SocksDatagram.readTarget(Unpooled.wrappedBuffer(input));
        Negotiating.say(input, SETTINGS.common(), client -> new SocksNegotiation(client, SETTINGS));
    }
}
