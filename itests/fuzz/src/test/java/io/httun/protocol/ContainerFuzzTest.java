// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** A container is refused, or read without a byte lost. */
class ContainerFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void container(byte[] input) {
        L7Container container;
        try {
            container = L7Container.read(Unpooled.wrappedBuffer(input));
        } catch (FrameException expected) {
            return;
        }
        ByteBuf again = Unpooled.buffer();
        L7Container.writeHeader(again, container.address(), container.port());
        if (!again.writeBytes(container.data()).equals(Unpooled.wrappedBuffer(input))) {
            throw new AssertionError(container);
        }
    }
}
