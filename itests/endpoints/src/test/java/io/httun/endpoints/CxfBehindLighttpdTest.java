// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindLighttpdTest extends ProxyBehaviour {
    CxfBehindLighttpdTest() {
        super(WebServer.Kind.LIGHTTPD);
    }
}
