// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindNginxTest extends ProxyBehaviour {
    CxfBehindNginxTest() {
        super(WebServer.Kind.NGINX);
    }
}
