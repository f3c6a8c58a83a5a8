// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindLighttpdTest extends FcgiBehaviour {
    FcgiBehindLighttpdTest() {
        super(WebServer.Kind.LIGHTTPD);
    }
}
