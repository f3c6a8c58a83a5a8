// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.nio.ByteBuffer;

/** Waits until one of several file descriptors is readable. For one thread. */
final class Poll {
    private static final int ENTRY = 8;
    private static final int RESULT_AT = 6;

    private final KernelMemory memory;
    private final ByteBuffer entries;
    private final int count;

    Poll(int... fds) {
        count = fds.length;
        memory = new KernelMemory(count * ENTRY);
        entries = memory.bytes();
        for (int i = 0; i < count; i++) {
            entries.putInt(i * ENTRY, fds[i]);
            expect(i, true);
        }
    }

    /** @param readable whether to wait for input, or for errors only */
    void expect(int index, boolean readable) {
        entries.putShort(index * ENTRY + Integer.BYTES, (short) (readable ? LibC.POLLIN : 0));
    }

    /** @param millis maximum wait; -1 for ever */
    void await(int millis) {
        if (memory.poll(count, millis) < 0 && LibC.errno() != LibC.EINTR) {
            throw LinuxException.of(LibC.errno(), "cannot poll");
        }
    }

    boolean isReadable(int index) {
        return (result(index) & LibC.POLLIN) != 0;
    }

    boolean isBroken(int index) {
        return (result(index) & LibC.POLLERR_OR_HUP) != 0;
    }

    private int result(int index) {
        return entries.getShort(index * ENTRY + RESULT_AT);
    }
}
