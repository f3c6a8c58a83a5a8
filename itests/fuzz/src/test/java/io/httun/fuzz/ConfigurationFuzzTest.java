// SPDX-License-Identifier: Apache-2.0
package io.httun.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.relay.NettyRelayEngine;
import io.httun.server.ChannelComponent;
import io.httun.server.TunnelServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;

/** Any value of any property of a channel is taken, or refused with the message for the user. */
class ConfigurationFuzzTest {
    private static final String SECRET = "00112233445566778899aabbccddeeff".repeat(2);
    /** So much of it would be too much. */
    private static final String PART = SECRET.substring(0, 8);

    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final TunnelServer SERVER = new TunnelServer(() -> LOOPS, Map.of());
    private static final RelayEngine ENGINE =
            new NettyRelayEngine((target, filters, resolve, executor) -> executor.newSucceededFuture(target), Map.of());

    @AfterAll
    static void stop() {
        SERVER.deactivate();
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

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
            new ChannelComponent(SERVER, ENGINE, properties).deactivate();
        } catch (ConfigException expected) {
            // Jazzer learns what is looked for, and writes it elsewhere.
            if (expected.getMessage().contains(PART) && !text.contains(PART)) {
                throw new AssertionError("the secret is in: " + expected.getMessage());
            }
        }
    }
}
