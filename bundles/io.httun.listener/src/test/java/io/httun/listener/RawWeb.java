// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server that replies with given bytes, and records the received heads. */
final class RawWeb {
    final List<String> heads = new CopyOnWriteArrayList<>();
    final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final int port;

    /** @param reply to each request; if it says so, the connection is closed after it */
    RawWeb(ListenerRig rig, String reply) throws IOException {
        port = rig.target(socket -> {
            connections.add(socket);
            for (String head = head(socket); !head.isEmpty(); head = head(socket)) {
                heads.add(head);
                write(socket, reply);
                if (reply.contains("close") || reply.startsWith("HTTP/1.0")) {
                    return;
                }
            }
        });
    }

    /** Reads to the empty line; returns an empty text at the end of the connection. */
    static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads to the end or to a reset. */
    static String readAll(Socket socket) throws IOException {
        StringBuilder all = new StringBuilder();
        byte[] block = new byte[8192];
        try {
            for (int n = socket.getInputStream().read(block);
                    n >= 0;
                    n = socket.getInputStream().read(block)) {
                all.append(new String(block, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketException e) {
            all.append("<reset>");
        }
        return all.toString();
    }

    int port() {
        return port;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }
}
