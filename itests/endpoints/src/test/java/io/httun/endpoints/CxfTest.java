// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.endpoint.cxf.CxfOnJetty;
import org.junit.jupiter.api.Test;

class CxfTest extends HttpBehaviour {
    @Override
    HttpEndpoint endpoint(int port) {
        return new CxfOnJetty();
    }

    @Test
    void strangersGarbageHarmsNoTransfer() throws Exception {
        flood();
    }
}
