// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;

/** Drops all capabilities of the calling thread, and of the threads that it starts afterwards. */
final class Privileges {
    private static final int VERSION_3 = 0x20080522;

    /** For {@link Native#register}. */
    static final class Calls {
        static {
            Native.register(Calls.class, "c");
        }

        private Calls() {}

        static native int capset(int[] header, int[] data);
    }

    private Privileges() {}

    static void drop() {
        assertThat(Calls.capset(new int[] {VERSION_3, 0}, new int[6])).isZero();
    }
}
