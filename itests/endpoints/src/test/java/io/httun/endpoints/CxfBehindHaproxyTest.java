// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindHaproxyTest extends ProxyBehaviour {
    CxfBehindHaproxyTest() {
        super(WebServer.Kind.HAPROXY);
    }
}
