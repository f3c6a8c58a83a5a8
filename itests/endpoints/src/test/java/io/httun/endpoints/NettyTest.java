// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.endpoint.netty.NettyStandalone;
import org.junit.jupiter.api.Test;

class NettyTest extends HttpBehaviour {
    @Override
    HttpEndpoint endpoint(int port) {
        return new NettyStandalone(loops, port);
    }

    @Override
    boolean noticesLostClients() {
        return true;
    }

    @Test
    void strangersGarbageHarmsNoTransfer() throws Exception {
        flood();
    }
}
