// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A raw HTTP connection: sends what it is given and reads replies one by one. */
public final class StockHttpConnection implements AutoCloseable {

    private static final int MAX_LINE = 64 * 1024;

    private final SocketChannel channel;
    private final Socket socket;
    private final InputStream in;

    private StockHttpConnection(SocketChannel channel) throws IOException {
        this.channel = channel;
        this.socket = channel.socket();
        this.in = new BufferedInputStream(socket.getInputStream(), 72 * 1024);
    }

    public static StockHttpConnection open(InetSocketAddress address, Duration timeout) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().setTcpNoDelay(true);
            channel.socket().connect(address, (int) timeout.toMillis());
            return new StockHttpConnection(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Ends the sending direction only. */
    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Reads a whole reply; a body without a stated end is read until the connection closes. */
    public StockReply readReply(Duration timeout) throws IOException {
        return readReply(Deadline.after(timeout), true);
    }

    /** Reads a reply; one without a stated end is complete with its head. */
    public StockReply readHead(Duration timeout) throws IOException {
        return readReply(Deadline.after(timeout), false);
    }

    /** Whether the server closes the connection, without sending anything more, within this time. */
    public boolean isClosedWithin(Duration timeout) throws IOException {
        Deadline.after(timeout).bound(socket);
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** Whether the server closed the connection, or sent what nobody asked for, since the last reply. */
    boolean isStale() throws IOException {
        channel.configureBlocking(false);
        try {
            return in.available() > 0 || channel.read(ByteBuffer.allocate(1)) != 0;
        } catch (IOException e) {
            return true;
        } finally {
            channel.configureBlocking(true);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    StockReply readReply(Deadline deadline, boolean untilClose) throws IOException {
        String line = readLine(deadline);
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || HeaderLines.leadingNumber(words[1]) < 100) {
            throw new StockException("status line " + line);
        }
        int status = HeaderLines.leadingNumber(words[1]);
        List<String> headers = new ArrayList<>();
        for (String header = readLine(deadline); !header.isEmpty(); header = readLine(deadline)) {
            headers.add(header);
        }
        byte[] body = {};
        StockReply.Framing framing = framing(headers);
        if (framing == StockReply.Framing.LENGTH) {
            int length = HeaderLines.leadingNumber(
                    HeaderLines.find(headers, "content-length").orElseThrow());
            body = readBytes(Math.max(length, 0), deadline);
        } else if (framing == StockReply.Framing.CHUNKED) {
            body = readChunks(deadline);
        } else if (untilClose) {
            body = readToEnd(deadline);
        }
        return new StockReply(status, line, List.copyOf(headers), framing, body);
    }

    private static StockReply.Framing framing(List<String> headers) {
        if (HeaderLines.find(headers, "transfer-encoding").isPresent()) {
            return StockReply.Framing.CHUNKED;
        }
        boolean stated = HeaderLines.find(headers, "content-length").isPresent();
        return stated ? StockReply.Framing.LENGTH : StockReply.Framing.UNTIL_CLOSE;
    }

    private byte[] readChunks(Deadline deadline) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = Integer.parseInt(readLine(deadline).split(";", 2)[0].strip(), 16);
            body.writeBytes(readBytes(length, deadline));
            if (length == 0) {
                while (!readLine(deadline).isEmpty()) {
                    // Trailers mean nothing here.
                }
                return body.toByteArray();
            }
            readLine(deadline);
        }
    }

    private byte[] readBytes(int length, Deadline deadline) throws IOException {
        byte[] bytes = new byte[length];
        int count = 0;
        while (count < length) {
            deadline.bound(socket);
            int n = in.read(bytes, count, length - count);
            if (n < 0) {
                throw new EOFException("connection closed after " + count + " of " + length + " bytes of body");
            }
            count += n;
        }
        return bytes;
    }

    private byte[] readToEnd(Deadline deadline) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        int n = 0;
        while (n >= 0) {
            body.write(buffer, 0, n);
            deadline.bound(socket);
            n = in.read(buffer);
        }
        return body.toByteArray();
    }

    private String readLine(Deadline deadline) throws IOException {
        StringBuilder line = new StringBuilder();
        deadline.bound(socket);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("connection closed without a reply");
            }
            if (line.length() == MAX_LINE) {
                throw new StockException("header line of more than " + MAX_LINE + " characters");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }
}
