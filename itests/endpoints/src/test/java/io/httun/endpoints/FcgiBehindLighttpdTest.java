// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import org.junit.jupiter.api.Test;

class FcgiBehindLighttpdTest extends FcgiBehaviour {
    FcgiBehindLighttpdTest() {
        super(WebServer.Kind.LIGHTTPD);
    }

    @Test
    void strangersGarbageHarmsNoTransfer() throws Exception {
        flood();
    }
}
