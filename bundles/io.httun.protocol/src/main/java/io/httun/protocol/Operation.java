// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

/** What a frame is for ({@code wire/httun.md} section 2; {@code docs/wire.md}, "A pipe"). */
public enum Operation {
    INIT(0),
    L3_TO_SERVER(1),
    L3_FROM_SERVER(2),
    L7_TO_SERVER(3),
    L7_FROM_SERVER(4),
    TEST_TO_SERVER(5),
    TEST_FROM_SERVER(6),
    /** Bytes of a pipe, on {@code w}. */
    PIPE_TO_SERVER(8),
    /** A request for bytes of a pipe, and the bytes in the reply. */
    PIPE_FROM_SERVER(9),
    /** The end of a pipe, in either direction. */
    PIPE_END(10),
    /** Bytes that the server discards, on {@code w}. */
    PROBE_TO_SERVER(11),
    /** A question about the path, and the answer. */
    PROBE_FROM_SERVER(12);

    private static final Operation[] BY_VALUE = new Operation[13];

    static {
        for (Operation operation : values()) {
            BY_VALUE[operation.value] = operation;
        }
    }

    private final int value;

    Operation(int value) {
        this.value = value;
    }

    /** The value on the wire. */
    public int value() {
        return value;
    }

    static Operation of(int value) {
        if (value >= BY_VALUE.length || BY_VALUE[value] == null) {
            throw new FrameException("operation " + value + ", expected 0 to 6 or 8 to 12");
        }
        return BY_VALUE[value];
    }
}
