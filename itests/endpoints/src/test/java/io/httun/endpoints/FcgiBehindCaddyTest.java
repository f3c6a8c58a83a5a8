// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindCaddyTest extends FcgiBehaviour {
    FcgiBehindCaddyTest() {
        super(WebServer.Kind.CADDY);
    }
}
