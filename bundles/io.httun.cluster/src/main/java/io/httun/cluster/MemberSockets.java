// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.DefaultSocketFactory;

/** The sockets of membership: TLS with the cluster key in both directions. */
final class MemberSockets extends DefaultSocketFactory {
    /** A member that hangs still accepts connections; the thread that connects to it must not hang with it. */
    private static final int HANDSHAKE_MILLIS = 2000;

    private final SSLContext tls;
    private final StrangerLog strangers;

    MemberSockets(SSLContext tls, StrangerLog strangers) {
        super(tls);
        this.tls = tls;
        this.strangers = strangers;
    }

    @Override
    public Socket createSocket(String service) throws IOException {
        SSLSocket socket = (SSLSocket) super.createSocket(service);
        socket.setSoTimeout(HANDSHAKE_MILLIS);
        socket.addHandshakeCompletedListener(done -> {
            try {
                // From now on FD_ALL3 watches.
                socket.setSoTimeout(0);
            } catch (SocketException e) {
                // It is closed.
            }
        });
        return socket;
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        return new MemberDoor(tls, strangers);
    }
}
