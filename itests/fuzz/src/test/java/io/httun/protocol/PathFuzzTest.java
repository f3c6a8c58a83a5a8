// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Path, query and the text of a frame in it. */
class PathFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void pathAndQuery(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        String[] parts = text.split("\\?", 2);
        try {
            TunnelPath path = TunnelPath.parse(parts[0]);
            String formatted = TunnelPath.format(path.channel(), path.read(), path.serial());
            if (path.serial() >= 0 && !TunnelPath.parse(formatted).equals(path)) {
                throw new AssertionError(text);
            }
        } catch (FrameException expected) {
            expected.getMessage();
        }
        try {
            String message = TunnelPath.message(parts[parts.length - 1]);
            if (!FrameText.encode(FrameText.decode(message)).equals(message)) {
                throw new AssertionError(text);
            }
        } catch (FrameException expected) {
            expected.getMessage();
        }
    }
}
