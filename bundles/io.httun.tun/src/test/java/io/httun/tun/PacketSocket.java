// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** Sends arbitrary packets through an interface. */
final class PacketSocket {
    private static final int AF_PACKET = 17;
    private static final int RAW = 3;

    private PacketSocket() {}

    static void flood(String device, int packets) {
        Random random = new Random(1);
        int index;
        try (Netlink netlink = Netlink.open()) {
            index = NetworkLink.find(netlink, device).orElseThrow().index();
        }
        int fd = LibC.socket(AF_PACKET, RAW, 0);
        assertThat(fd).isPositive();
        KernelMemory address = new KernelMemory(20);
        // Protocol 0x0800 in network order.
        address.bytes().putShort((short) AF_PACKET).putShort((short) 8).putInt(index);
        assertThat(address.bind(fd, 20)).isZero();
        KernelMemory packet = new KernelMemory(1400);
        for (int i = 0; i < packets; i++) {
            byte[] bytes = new byte[1 + random.nextInt(1399)];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                bytes[0] = (byte) (i % 4 == 0 ? 0x45 : 0x60);
            }
            packet.bytes().clear().put(bytes);
            packet.send(fd, bytes.length);
        }
        LibC.close(fd);
    }
}
