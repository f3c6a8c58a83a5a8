// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindHaproxyTest extends FcgiBehaviour {
    FcgiBehindHaproxyTest() {
        super(WebServer.Kind.HAPROXY);
    }

    /** Only one that was there as a whole when HAProxy began to pass it on has a length. */
    @Override
    boolean alwaysPassesChunkedBodies() {
        return false;
    }
}
