// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.endpoint.cxf.CxfOnJetty;

abstract class ProxyBehaviour extends Behaviour {
    private final WebServer.Kind kind;
    private CxfOnJetty jetty;

    ProxyBehaviour(WebServer.Kind kind) {
        this.kind = kind;
    }

    @Override
    Endpoint endpoint() {
        jetty = new CxfOnJetty();
        return jetty;
    }

    @Override
    WebServer webServer() {
        return WebServer.proxy(kind, folder, jetty.port());
    }
}
