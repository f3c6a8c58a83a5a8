// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindCaddyTest extends CxfTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.CADDY, folder, port());
    }
}
