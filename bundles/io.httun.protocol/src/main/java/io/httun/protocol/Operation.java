// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

/** What a frame is for ({@code wire/httun.md} section 2). The ordinal is the value on the wire. */
public enum Operation {
    INIT,
    L3_TO_SERVER,
    L3_FROM_SERVER,
    L7_TO_SERVER,
    L7_FROM_SERVER,
    TEST_TO_SERVER,
    TEST_FROM_SERVER;

    private static final Operation[] VALUES = values();

    static Operation of(int value) {
        if (value >= VALUES.length) {
            throw new FrameException("operation " + value + ", expected 0 to " + (VALUES.length - 1));
        }
        return VALUES[value];
    }
}
