// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly what it is told, right or wrong. */
final class Raw implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    final Socket socket;
    private final DataInputStream in;

    Raw(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    Raw send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Raw send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** One reply's head, without the final empty line. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) in.readUnsignedByte());
        }
        return head.substring(0, head.length() - 4);
    }

    /** One reply: its status and its body. */
    String reply() throws IOException {
        String head = head();
        int at = head.indexOf("content-length: ");
        int end = head.indexOf('\r', at);
        int length = Integer.parseInt(head.substring(at + 16, end < 0 ? head.length() : end));
        return head.substring(9, 12) + " " + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    /** Whatever comes until the other end closes. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
