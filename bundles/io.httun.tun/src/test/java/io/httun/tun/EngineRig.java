// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tun.PacketBatch;
import io.httun.tun.TunEngine.Ending;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A real device in a namespace of its own. */
abstract class EngineRig {
    static final String ADDRESSES = "10.9.0.1/24,fd09::1/64";

    @TempDir
    Path folder;

    final List<TunEngine> engines = new ArrayList<>();
    Namespace host;

    @BeforeEach
    void open() {
        host = Namespace.make();
    }

    @AfterEach
    void close() {
        engines.forEach(engine -> engine.stop(Ending.KEEP));
        host.close();
    }

    TunEngine start(Object... properties) {
        return startBefore(false, properties);
    }

    TunEngine startBefore(boolean successorComes, Object... properties) {
        TunDeviceSettings settings = TunDeviceSettings.read(TunPair.properties(ADDRESSES, 1400, properties));
        TunEngine engine = host.call(
                () -> new TunEngine(settings, new Journal(folder.resolve("journal")), () -> successorComes).start());
        engines.add(engine);
        return engine;
    }

    TunEngine works(TunEngine engine) {
        await().untilAsserted(() -> assertThat(engine.problem()).isEmpty());
        return engine;
    }

    String problem(TunEngine engine) {
        await().untilAsserted(
                        () -> assertThat(engine.problem()).get().asString().doesNotContain("is being opened"));
        return engine.problem().orElseThrow();
    }

    static PacketBatch garbage() {
        PacketBatch batch = new PacketBatch(1);
        batch.add(HexFormat.of().parseHex("00112233445566778899"), 0, 10);
        batch.add(HexFormat.of().parseHex("4500"), 0, 2);
        batch.add(new byte[] {0x45, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 20);
        return batch;
    }
}
