// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tun.TunPort;
import io.httun.tun.TunEngine.Ending;
import org.junit.jupiter.api.Test;

/** What a device that cannot work says. */
class EngineFaultsTest extends EngineRig {
    @Test
    void saysThatAnotherProgramHasTheDevice() {
        works(start());
        TunDeviceSettings settings = TunDeviceSettings.read(TunPair.properties("", 1400));
        TunEngine second =
                host.call(() -> new TunEngine(settings, new Journal(folder.resolve("second")), () -> false).start());
        engines.add(second);
        assertThat(problem(second))
                .isEqualTo("TUN device test: tun-test is in use by another program: stop that program, or configure"
                        + " another device");
    }

    @Test
    void saysThatTheNameIsTaken() {
        host.sh("ip link add tun-test type veth peer name other");
        assertThat(problem(start("addresses", "")))
                .isEqualTo("TUN device test: an interface tun-test exists that is not a TUN device with one queue:"
                        + " configure another device, or remove it (ip link delete tun-test)");
        host.sh("ip link delete tun-test");
    }

    @Test
    void saysThatAnAddressIsInUse() {
        host.sh("ip addr add 10.9.0.1/32 dev lo");
        TunEngine engine = start();
        assertThat(problem(engine))
                .isEqualTo("TUN device test: addresses = 10.9.0.1/24: it belongs to another interface of this host;"
                        + " remove it there or configure another one");
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysThatTheKernelHasNoTunDevices() {
        host.emptyDeviceFolder();
        String message = "TUN device test: /dev/net/tun does not exist: load the kernel module (modprobe tun);"
                + " in a container, pass the device (--device /dev/net/tun)";
        assertThat(problem(start())).isEqualTo(message);
        // A device file without a driver.
        host.sh("mknod -m 666 /dev/net/tun c 10 199");
        assertThat(problem(start())).isEqualTo(message);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysThatTheDeviceFileMayNotBeOpened() {
        host.emptyDeviceFolder();
        host.sh("mknod -m 000 /dev/net/tun c 10 200");
        host.run(Privileges::drop);
        assertThat(problem(start()))
                .isEqualTo("TUN device test: /dev/net/tun may not be opened by this user:"
                        + " chmod 0666 /dev/net/tun, or run as root");
    }

    @Test
    void saysThatThisIsNotLinux() {
        String system = System.setProperty("os.name", "FreeBSD");
        try {
            TunEngine engine = start();
            assertThat(problem(engine))
                    .isEqualTo("TUN device test: TUN devices need Linux on x86_64 or aarch64; this is FreeBSD on "
                            + System.getProperty("os.arch")
                            + "; tunnels of connections (SOCKS, CONNECT, ports) work on it");
            TunPort port = engine.attach("test", batch -> {});
            assertThat(port.write(garbage())).isZero();
            port.close();
            engine.stop(Ending.REMOVE);
        } finally {
            System.setProperty("os.name", system);
        }
    }

    @Test
    void saysThatThereIsNoSuchUser() {
        assertThat(problem(start("owner", "nobody-at-all")))
                .isEqualTo("TUN device test: owner = nobody-at-all: no such user on this host");
    }

    @Test
    void endsWhileItCannotWork() {
        TunEngine engine = start("owner", "nobody-at-all");
        problem(engine);
        long began = System.nanoTime();
        engine.stop(Ending.REMOVE);
        assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysWhatAnUnprivilegedUserCanDo() {
        // Only this thread and the threads it starts lose their capabilities; the namespace is discarded.
        host.run(Privileges::drop);
        assertThat(problem(start("addresses", "", "mtu", 0)))
                .isEqualTo("TUN device test: not permitted to open tun-test: run as root or with CAP_NET_ADMIN,"
                        + " or create it beforehand (ip tuntap add dev tun-test mode tun user "
                        + System.getProperty("user.name") + ")");
    }

    @Test
    void needsNoPrivilegesForADeviceMadeBeforehand() {
        host.sh("ip tuntap add dev tun-test mode tun user 0; ip link set tun-test up");
        host.run(Privileges::drop);
        works(start("addresses", "", "mtu", 0)).stop(Ending.REMOVE);
    }
}
