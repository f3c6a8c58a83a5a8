// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.TunPort;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** Two devices in two namespaces, joined by method calls. */
final class TunPair implements AutoCloseable {
    final Namespace left = Namespace.make();
    final Namespace right = Namespace.make();
    final TunEngine leftEngine;
    final TunEngine rightEngine;

    TunPair(Path folder, int mtu, Object... more) {
        leftEngine = engine(left, folder.resolve("left"), properties("10.9.0.1/24,fd09::1/64", mtu, more));
        rightEngine = engine(right, folder.resolve("right"), properties("10.9.0.2/24,fd09::2/64", mtu, more));
        AtomicReference<TunPort> toLeft = new AtomicReference<>();
        TunPort toRight = rightEngine.attach(
                "test", batch -> Optional.ofNullable(toLeft.get()).ifPresent(port -> port.write(batch)));
        toLeft.set(leftEngine.attach("test", toRight::write));
        Awaitility.await()
                .until(() ->
                        leftEngine.problem().isEmpty() && rightEngine.problem().isEmpty());
    }

    static Map<String, Object> properties(String addresses, int mtu, Object... more) {
        Map<String, Object> properties = new TreeMap<>(Map.of(
                "name", "test", "device", "tun-test", "mtu", mtu, "addresses", addresses, "service.pid", "test"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i].toString(), more[i + 1]);
        }
        return properties;
    }

    static TunEngine engine(Namespace namespace, Path journal, Map<String, Object> properties) {
        return namespace.call(
                () -> new TunEngine(TunDeviceSettings.read(properties), new Journal(journal), () -> false).start());
    }

    @Override
    public void close() {
        leftEngine.stop(TunEngine.Ending.REMOVE);
        rightEngine.stop(TunEngine.Ending.REMOVE);
        left.close();
        right.close();
    }
}
