// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import java.io.IOException;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/** Passes connections on until they are cut. */
final class CutRelay {
    /** Guarded by itself; what is closed has left it before. */
    private final Set<Socket> open = new HashSet<>();

    private final int port;
    private boolean cut;

    CutRelay(TunnelRig rig, int to) throws IOException {
        port = rig.target(from -> {
            try (Socket on = TunnelRig.dial(to)) {
                on.setSoTimeout(0);
                Set<Socket> both = Set.of(from, on);
                synchronized (open) {
                    open.addAll(both);
                    if (cut) {
                        cut();
                    }
                }
                try {
                    TunnelRig.daemon(() -> on.getInputStream().transferTo(from.getOutputStream()));
                    from.getInputStream().transferTo(on.getOutputStream());
                    on.shutdownOutput();
                } finally {
                    synchronized (open) {
                        open.removeAll(both);
                    }
                }
            }
        });
    }

    int port() {
        return port;
    }

    /** Resets every connection, in both directions, and those that are yet to come. */
    void cut() throws IOException {
        synchronized (open) {
            cut = true;
            for (Socket socket : open) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
            open.clear();
        }
    }
}
