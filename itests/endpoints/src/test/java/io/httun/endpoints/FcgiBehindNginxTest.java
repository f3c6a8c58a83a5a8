// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

class FcgiBehindNginxTest extends FcgiBehaviour {
    FcgiBehindNginxTest() {
        super(WebServer.Kind.NGINX);
    }

    @Override
    boolean noticesLostClients() {
        return true;
    }
}
