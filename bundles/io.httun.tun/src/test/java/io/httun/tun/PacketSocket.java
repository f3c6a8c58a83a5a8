// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Sends anything at all through an interface. */
final class PacketSocket {
    private static final int AF_PACKET = 17;
    private static final int RAW = 3;

    private PacketSocket() {}

    static void flood(String device, int packets) {
        Random random = new Random(1);
        int index;
        try (Netlink netlink = Netlink.open()) {
            index = Link.find(netlink, device).orElseThrow().index();
        }
        int fd = LibC.socket(AF_PACKET, RAW, 0);
        assertThat(fd).isPositive();
        ByteBuffer address = ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder());
        // Protocol 0x0800 in network order.
        address.putShort((short) AF_PACKET).putShort((short) 8).putInt(index);
        assertThat(LibC.bind(fd, LibC.address(address), 20)).isZero();
        ByteBuffer packet = ByteBuffer.allocateDirect(1400);
        for (int i = 0; i < packets; i++) {
            byte[] bytes = new byte[1 + random.nextInt(1399)];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                bytes[0] = (byte) (i % 4 == 0 ? 0x45 : 0x60);
            }
            packet.clear().put(bytes);
            LibC.send(fd, LibC.address(packet), bytes.length, 0);
        }
        LibC.close(fd);
    }
}
