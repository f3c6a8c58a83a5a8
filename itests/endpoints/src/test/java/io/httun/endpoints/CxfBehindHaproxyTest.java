// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindHaproxyTest extends CxfTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.HAPROXY, folder, port());
    }
}
