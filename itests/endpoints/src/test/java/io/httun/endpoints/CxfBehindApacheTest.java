// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindApacheTest extends ProxyBehaviour {
    CxfBehindApacheTest() {
        super(WebServer.Kind.APACHE);
    }
}
