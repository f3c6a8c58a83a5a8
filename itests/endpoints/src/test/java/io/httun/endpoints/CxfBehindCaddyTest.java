// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindCaddyTest extends ProxyBehaviour {
    CxfBehindCaddyTest() {
        super(WebServer.Kind.CADDY);
    }
}
