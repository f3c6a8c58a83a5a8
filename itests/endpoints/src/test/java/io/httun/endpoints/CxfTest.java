// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.endpoint.cxf.CxfOnJetty;

class CxfTest extends Behaviour {
    private CxfOnJetty jetty;

    @Override
    Endpoint endpoint() {
        jetty = new CxfOnJetty();
        return jetty;
    }

    @Override
    String url() {
        return "http://127.0.0.1:" + jetty.port() + "/httun";
    }
}
