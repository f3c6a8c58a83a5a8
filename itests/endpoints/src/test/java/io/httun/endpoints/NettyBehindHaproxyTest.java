// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class NettyBehindHaproxyTest extends NettyTest {
    @Override
    WebServer webServer() {
        return WebServer.proxy(WebServer.Kind.HAPROXY, folder, port());
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
