// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import io.httun.api.tunnel.FileWatch;
import java.util.Optional;

/** Takes the packets that the kernel sends through a {@link TunDevice}. */
@FunctionalInterface
public interface PacketReceiver {
    /**
     * Takes what one wake-up found: whole IPv4 and IPv6 packets with a right length and finished checksums, none larger than the device's MTU, in the
     * order in which the kernel gave them. Called on a thread of the device, or on that of {@link #watch}, or within {@link TunPort#write} on the writer's: with what the kernel
     * answered at once. Where the device is configured with several queues (the default is one) called by several threads at once, each with flows
     * of its own. Must not throw and should not block: what is not read meanwhile waits in the kernel, which keeps 500 packets and drops the rest.
     *
     * @param batch the device's own, valid until the return; copy what has to live longer
     */
    void received(PacketBatch batch);

    /**
     * Offers to wait for packets on the thread that needs them next, which saves waking it for each. Asked of users of devices with one queue; may
     * be asked again when the watch has ended.
     *
     * @param fd of the device, which stays its
     * @param readable has {@link #received} called on the thread that calls it
     * @return empty, which is the default, to be called on a thread of the device
     */
    default Optional<FileWatch> watch(int fd, Runnable readable) {
        return Optional.empty();
    }

    /**
     * The device began or ceased to work, or its MTU changed. Called on a thread of the device; {@link TunDevice#problem()} and {@link TunDevice#mtu()} tell more.
     */
    default void changed() {}
}
