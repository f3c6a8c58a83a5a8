// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindLighttpdTest extends CxfTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.LIGHTTPD, folder, port());
    }
}
