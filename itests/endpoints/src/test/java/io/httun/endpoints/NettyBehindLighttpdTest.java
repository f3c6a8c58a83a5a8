// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class NettyBehindLighttpdTest extends NettyTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.LIGHTTPD, folder, port());
    }

    @Override
    boolean comesBack() {
        return true;
    }

    @Override
    boolean noticesLostClients() {
        return false;
    }
}
