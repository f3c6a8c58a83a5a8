// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.FrameException;
import io.httun.protocol.ProbeAsk;
import io.httun.protocol.ProbeResult;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.PathReportText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;

/** A server's result about a path, and a client's question: refused, or shown without control characters. */
class ProbeReplyFuzzTest {
    private static final ClientSettings SETTINGS = StrictConfig.read(
            ClientConfig.class,
            Map.of(
                    "service.pid",
                    "fuzz",
                    "name",
                    "fuzz",
                    "urls",
                    "http://tunnel.example.org/httun",
                    "secret",
                    "00112233445566778899aabbccddeeff".repeat(2)),
            ClientSettings::of);

    @FuzzTest(maxDuration = "5s")
    void reply(byte[] input) {
        ask(input);
        ProbeResult result;
        try {
            result = ProbeResult.read(Unpooled.wrappedBuffer(input));
        } catch (FrameException expected) {
            return;
        }
        ProbeFindings found = new ProbeFindings(SETTINGS, SETTINGS.urls().get(0));
        found.skew(result.timeMillis());
        found.requestHeaders("host: tunnel.example.org\nuser-agent: x\n", result.text());
        found.parallel = result.together();
        PathReport report = found.report();
        Json.write(report);
        List<String> lines = PathReportText.lines(report);
        if (lines.stream().anyMatch(line -> line.chars().anyMatch(Character::isISOControl))) {
            throw new AssertionError("a control character on the terminal: " + lines);
        }
    }

    private static void ask(byte[] input) {
        try {
            ProbeAsk ask = ProbeAsk.read(Unpooled.wrappedBuffer(input));
            ByteBuf again = Unpooled.buffer();
            ask.write(again);
            if (!again.equals(Unpooled.wrappedBuffer(input))) {
                throw new AssertionError("read and written again, it is another one");
            }
        } catch (FrameException expected) {
            expected.getMessage();
        }
    }
}
