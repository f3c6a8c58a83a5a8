// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A target on loopback whose connections the test itself serves, with plain sockets. */
final class TestTarget implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final ServerSocket listener;

    TestTarget() throws IOException {
        listener = new ServerSocket();
        // Small, so that a target that does not read is soon full.
        listener.setReceiveBufferSize(64 << 10);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener.setSoTimeout(PATIENCE_MILLIS);
    }

    InetSocketAddress address() {
        return TestClient.loopback(listener.getLocalPort());
    }

    Socket accept() throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    static String readText(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    static String readAll(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }

    /** How the connection ends: {@code end}, {@code reset}, or {@code data} if there is some first. */
    static String endOf(Socket socket) {
        try {
            return socket.getInputStream().read() < 0 ? "end" : "data";
        } catch (SocketTimeoutException e) {
            return "open";
        } catch (IOException e) {
            return "reset";
        }
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
