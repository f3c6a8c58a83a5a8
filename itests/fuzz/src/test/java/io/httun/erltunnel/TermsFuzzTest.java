// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;

/** Erlang's external terms. */
class TermsFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void terms(byte[] input) {
        try {
            Terms.read(Unpooled.wrappedBuffer(input));
        } catch (TermException expected) {
            expected.getMessage();
        }
    }
}
