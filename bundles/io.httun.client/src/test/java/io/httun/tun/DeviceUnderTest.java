// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A real device of the kernel, in the network namespace of the thread that makes it. */
public final class DeviceUnderTest implements TunDevice, AutoCloseable {
    private final TunEngine engine;

    public DeviceUnderTest(String device, Path journal, String addresses, int mtu) {
        Map<String, Object> properties = new HashMap<>(
                Map.of("name", device, "device", device, "mtu", mtu, "addresses", addresses, "service.pid", device));
        engine = new TunEngine(TunDeviceSettings.read(properties), new Journal(journal), () -> false).start();
    }

    /** What is in the way of devices here; empty if nothing is. */
    public static Optional<String> obstacle() {
        return Platform.problem().isPresent()
                ? Platform.problem()
                : System.getProperty("user.name").equals("root")
                        ? Optional.empty()
                        : Optional.of("creating devices needs root");
    }

    public String drops() {
        return engine.status().drops();
    }

    public String summary() {
        return engine.status().toString();
    }

    @Override
    public String device() {
        return engine.device();
    }

    @Override
    public int mtu() {
        return engine.mtu();
    }

    @Override
    public Optional<String> problem() {
        return engine.problem();
    }

    @Override
    public TunPort attach(String user, PacketReceiver receiver) {
        return engine.attach(user, receiver);
    }

    @Override
    public void close() {
        engine.stop(TunEngine.Ending.REMOVE);
    }
}
