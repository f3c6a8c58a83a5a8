// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Waits for any of some file descriptors to become readable. For one thread. */
final class Poll {
    private static final int ENTRY = 8;
    private static final int RESULT_AT = 6;

    private final ByteBuffer entries;
    private final long address;
    private final int count;

    Poll(int... fds) {
        count = fds.length;
        entries = ByteBuffer.allocateDirect(count * ENTRY).order(ByteOrder.nativeOrder());
        address = LibC.address(entries);
        for (int i = 0; i < count; i++) {
            entries.putInt(i * ENTRY, fds[i]);
            expect(i, true);
        }
    }

    /** @param readable whether to wait for something to read, or only for errors */
    void expect(int index, boolean readable) {
        entries.putShort(index * ENTRY + Integer.BYTES, (short) (readable ? LibC.POLLIN : 0));
    }

    /** @param millis longest wait; -1 for ever */
    void await(int millis) {
        if (LibC.poll(address, count, millis) < 0 && LibC.errno() != LibC.EINTR) {
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
