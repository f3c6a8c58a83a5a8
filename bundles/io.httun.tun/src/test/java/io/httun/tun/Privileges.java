// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Takes all capabilities from the calling thread, and from the threads that it starts afterwards. */
final class Privileges {
    private static final int VERSION_3 = 0x20080522;

    /** For {@link Native#register}. */
    static final class Calls {
        static {
            Native.register(Calls.class, "c");
        }

        private Calls() {}

        static native int capset(long header, long data);
    }

    private Privileges() {}

    static void drop() {
        ByteBuffer header =
                ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).putInt(VERSION_3);
        ByteBuffer none = ByteBuffer.allocateDirect(24);
        assertThat(Calls.capset(LibC.address(header), LibC.address(none))).isZero();
    }
}
