// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** A packet without a defect can be looked at without a look behind its end. */
class IpPacketFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void packet(byte[] input) {
        if (IpPacket.defect(input, 0, input.length) != null) {
            return;
        }
        int header = IpPacket.headerLength(input, 0);
        if (header > input.length) {
            throw new AssertionError("header of " + header + " in " + input.length);
        }
        IpPacket.protocol(input, 0);
        IpPacket.passes(input, 0, input.length, 1_280);
        int data = IpPacket.cuttableAt(input, 0, input.length, 1_280);
        if (data < 0 || data > input.length) {
            throw new AssertionError("data at " + data + " of " + input.length);
        }
        IpPacket.pseudoHeader(input, 0, IpPacket.protocol(input, 0), input.length - header);
    }
}
