// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.endpoint.fcgi.FcgiResponder;
import java.nio.file.Path;

abstract class FcgiBehaviour extends Behaviour {
    private final WebServer.Kind kind;

    FcgiBehaviour(WebServer.Kind kind) {
        this.kind = kind;
    }

    private Path socket() {
        return folder.resolve("fcgi.sock");
    }

    @Override
    Endpoint endpoint() {
        return new FcgiResponder(loops, socket());
    }

    @Override
    WebServer webServer() {
        return WebServer.fastCgi(kind, folder, socket());
    }

    @Override
    boolean comesBack() {
        return true;
    }
}
