// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class CxfBehindApacheTest extends CxfTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.APACHE, folder, port());
    }
}
