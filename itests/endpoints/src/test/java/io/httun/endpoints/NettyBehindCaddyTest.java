// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class NettyBehindCaddyTest extends NettyTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.CADDY, folder, port());
    }

    @Override
    boolean comesBack() {
        return true;
    }

    @Override
    boolean noticesLostClients() {
        return true;
    }
}
