// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindApacheTest extends FcgiBehaviour {
    FcgiBehindApacheTest() {
        super(WebServer.Kind.APACHE);
    }
}
