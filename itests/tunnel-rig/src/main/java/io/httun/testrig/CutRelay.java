// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import java.io.IOException;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes connections on until they are cut. */
final class CutRelay {
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;

    CutRelay(TunnelRig rig, int to) throws IOException {
        port = rig.target(from -> {
            try (Socket on = TunnelRig.dial(to)) {
                on.setSoTimeout(0);
                open.add(from);
                open.add(on);
                TunnelRig.daemon(() -> on.getInputStream().transferTo(from.getOutputStream()));
                from.getInputStream().transferTo(on.getOutputStream());
                on.shutdownOutput();
            }
        });
    }

    int port() {
        return port;
    }

    /** Resets every connection, in both directions. */
    void cut() throws IOException {
        for (Socket socket : open) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
