// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.stdio;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Standard input and output as a connection through a proxy, for OpenSSH's {@code ProxyCommand}. A program of a
 * single class that needs the JDK only, so that it starts quickly; {@code bin/httun connect} starts it.
 */
public final class StandardStreams {
    private static final Set<String> KINDS = Set.of("http", "https", "socks5", "socks5h", "socks");
    private static final int CONNECT_MILLIS = 10_000;
    private static final int NEGOTIATION_MILLIS = 60_000;
    private static final int BLOCK = 64 << 10;
    private static final int MAX_HEAD = 16 << 10;

    private StandardStreams() {}

    /** A failure with a one-line message for the user. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** @param arguments the proxy's URL, a file with {@code user:password} or an empty word, HOST and PORT */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String... arguments) {
        try {
            URI proxy = proxy(arguments[0]);
            String login = login(arguments[1]);
            try (Socket socket = dial(proxy)) {
                connect(proxy, socket, login, arguments[2], Integer.parseInt(arguments[3]));
                socket.setSoTimeout(0);
                join(socket);
                return 0;
            }
        } catch (IOException e) {
            System.err.println("httun: " + arguments[0] + ": " + (e instanceof Refused ? e.getMessage() : e));
            return 1;
        }
    }

    private static URI proxy(String url) throws Refused {
        try {
            URI proxy = new URI(url);
            if (proxy.getHost() != null && proxy.getPort() > 0 && KINDS.contains(proxy.getScheme())) {
                return proxy;
            }
        } catch (URISyntaxException e) {
            // The message below names the valid forms.
        }
        throw new Refused("must be http://, https:// or socks5://HOST:PORT");
    }

    private static Socket dial(URI proxy) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(proxy.getHost(), proxy.getPort()), CONNECT_MILLIS);
        socket.setSoTimeout(NEGOTIATION_MILLIS);
        if (!proxy.getScheme().equals("https")) {
            return socket;
        }
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket tls = (SSLSocket) factory.createSocket(socket, proxy.getHost(), proxy.getPort(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    /** The first line of the file; empty if it has none. */
    private static String login(String file) throws IOException {
        return file.isEmpty()
                ? ""
                : Files.readString(Path.of(file)).lines().findFirst().orElse("");
    }

    private static void connect(URI proxy, Socket socket, String login, String host, int port) throws IOException {
        if (proxy.getScheme().startsWith("http")) {
            http(socket, login, host, port);
        } else {
            socks(socket, login, host, port);
        }
    }

    private static void http(Socket socket, String login, String host, int port) throws IOException {
        String authority = (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
        String authorization = login.isEmpty()
                ? ""
                : "Proxy-Authorization: Basic "
                        + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)) + "\r\n";
        String request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + authorization + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        // Byte by byte: the bytes after the head belong to the target.
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0 || head.length() > MAX_HEAD) {
                throw new Refused("the proxy closed the connection, or is not an HTTP proxy");
            }
            head.append((char) next);
        }
        String status = head.substring(0, head.indexOf("\r\n"));
        if (!status.matches("HTTP/1\\.[01] 2[0-9]{2}.*")) {
            throw new Refused(status);
        }
    }

    /** RFC 1928, and RFC 1929 for a login. */
    private static void socks(Socket socket, String login, String host, int port) throws IOException {
        OutputStream out = socket.getOutputStream();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        try {
            int method = login.isEmpty() ? 0 : 2;
            out.write(new byte[] {5, 1, (byte) method});
            if (in.readUnsignedByte() != 5 || in.readUnsignedByte() != method) {
                throw new Refused(
                        login.isEmpty()
                                ? "the proxy requires a login"
                                : "the proxy supports no login by user and password");
            }
            if (!login.isEmpty()) {
                int colon = login.indexOf(':');
                byte[] user = login.substring(0, Math.max(colon, 0)).getBytes(StandardCharsets.UTF_8);
                byte[] password = login.substring(colon + 1).getBytes(StandardCharsets.UTF_8);
                out.write(message(new byte[] {1}, sized(user), sized(password)));
                in.readUnsignedByte();
                if (in.readUnsignedByte() != 0) {
                    throw new Refused("wrong user or password");
                }
            }
            byte[] end = {(byte) (port >> 8), (byte) port};
            out.write(message(new byte[] {5, 1, 0}, address(host), end));
            in.readUnsignedByte();
            int reply = in.readUnsignedByte();
            if (reply != 0) {
                throw new Refused(text(reply));
            }
            in.readUnsignedByte();
            int type = in.readUnsignedByte();
            in.readFully(new byte[2 + (type == 1 ? 4 : type == 4 ? 16 : in.readUnsignedByte())]);
        } catch (EOFException e) {
            throw new Refused("the proxy closed the connection, or is not a SOCKS 5 proxy");
        }
    }

    /** Address type and address: a literal IPv6 address has its own type, everything else is sent as a name. */
    private static byte[] address(String host) throws IOException {
        return host.indexOf(':') >= 0
                ? message(new byte[] {4}, InetAddress.getByName(host).getAddress())
                : message(new byte[] {3}, sized(host.getBytes(StandardCharsets.US_ASCII)));
    }

    private static byte[] sized(byte[] bytes) throws Refused {
        if (bytes.length > 0xff) {
            throw new Refused("a name, user or password of SOCKS has at most 255 bytes");
        }
        return message(new byte[] {(byte) bytes.length}, bytes);
    }

    private static byte[] message(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static String text(int reply) {
        return switch (reply) {
            case 2 -> "this target is not allowed";
            case 3, 4 -> "the target cannot be reached";
            case 5 -> "the target refused the connection";
            default -> "SOCKS reply " + reply;
        };
    }

    private static void join(Socket socket) throws IOException {
        Thread upward = new Thread(() -> {
            try {
                copy(new FileInputStream(FileDescriptor.in), socket.getOutputStream());
                socket.shutdownOutput();
            } catch (IOException e) {
                // The other direction ends with the connection and reports its failure.
                Thread.currentThread().interrupt();
            }
        });
        upward.setDaemon(true);
        upward.start();
        copy(socket.getInputStream(), new FileOutputStream(FileDescriptor.out));
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] block = new byte[BLOCK];
        for (int read = in.read(block); read >= 0; read = in.read(block)) {
            out.write(block, 0, read);
        }
    }
}
