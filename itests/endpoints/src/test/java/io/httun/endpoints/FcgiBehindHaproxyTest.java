// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindHaproxyTest extends FcgiBehaviour {
    FcgiBehindHaproxyTest() {
        super(WebServer.Kind.HAPROXY);
    }

    @Override
    boolean takesChunkedBodies() {
        return false;
    }
}
