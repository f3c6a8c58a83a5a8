// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A listener that forwards requests, and what is sent to it byte by byte. */
abstract class ForwardEdgesRig {
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    final ListenerRig rig = new ListenerRig("auto");
    LocalListener listener;

    @BeforeEach
    void start() {
        listener = rig.connect();
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    /** Sends everything, ends the output, and reads to the end. */
    String talk(String request) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            RawWeb.write(socket, request);
            return RawWeb.readAll(socket);
        }
    }

    static String get(RawWeb web, String... headers) {
        return "GET " + web.url("/") + " HTTP/1.1\r\nHost: x\r\n" + lines(headers) + "Connection: close\r\n\r\n";
    }

    static String lines(String... headers) {
        return headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    }
}
