// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindNginxTest extends CxfTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.NGINX, folder, port());
    }
}
