// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a web server does on a FastCGI connection, one record at a time; written from the specification. */
final class FcgiClient implements AutoCloseable {
    record Received(int type, int id, byte[] content) {
        String text() {
            return new String(content, ISO_8859_1);
        }
    }

    /** A whole answer: CGI head and body, and how the request ended. */
    record Answer(Map<String, String> head, String body, int protocolStatus) {
        String status() {
            return head.getOrDefault("status", "");
        }
    }

    private final SocketChannel channel;
    private final OutputStream out;
    private final DataInputStream in;

    FcgiClient(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        out = Channels.newOutputStream(channel);
        in = new DataInputStream(Channels.newInputStream(channel));
    }

    static byte[] record(int type, int id, byte[] content, int padding) {
        ByteBuf record = Unpooled.buffer();
        record.writeByte(1).writeByte(type).writeShort(id).writeShort(content.length);
        record.writeByte(padding).writeByte(0).writeBytes(content).writeZero(padding);
        return bytes(record);
    }

    static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    static byte[] begin(int id, int role, boolean keep) {
        return record(1, id, new byte[] {0, (byte) role, (byte) (keep ? 1 : 0), 0, 0, 0, 0, 0}, 0);
    }

    static byte[] pairs(Map<String, String> pairs) {
        ByteBuf content = Unpooled.buffer();
        pairs.forEach((name, value) -> NameValues.write(content, name, value));
        return bytes(content);
    }

    static Map<String, String> get(String path) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("REQUEST_METHOD", "GET");
        params.put("SCRIPT_NAME", "/httun");
        params.put("PATH_INFO", path);
        params.put("QUERY_STRING", "m=abc");
        return params;
    }

    static Map<String, String> post(String path, int length) {
        Map<String, String> params = get(path);
        params.put("REQUEST_METHOD", "POST");
        params.put("CONTENT_LENGTH", "" + length);
        return params;
    }

    FcgiClient write(byte[]... records) throws IOException {
        for (byte[] record : records) {
            out.write(record);
        }
        return this;
    }

    FcgiClient request(int id, boolean keep, Map<String, String> params, byte[] body) throws IOException {
        write(begin(id, 1, keep), record(4, id, pairs(params), 3), record(4, id, new byte[0], 0));
        return body(id, body);
    }

    FcgiClient body(int id, byte[] body) throws IOException {
        for (int i = 0; i < body.length; i += 0xffff) {
            write(record(5, id, java.util.Arrays.copyOfRange(body, i, Math.min(body.length, i + 0xffff)), 7));
        }
        return write(record(5, id, new byte[0], 0));
    }

    Received read() throws IOException {
        if (in.readByte() != 1) {
            throw new IOException("wrong version");
        }
        int type = in.readUnsignedByte();
        int id = in.readUnsignedShort();
        byte[] content = new byte[in.readUnsignedShort()];
        int padding = in.readUnsignedByte();
        in.readByte();
        in.readFully(content);
        in.skipNBytes(padding);
        return new Received(type, id, content);
    }

    /** The answer to request {@code id}, which must be the next one to come. */
    Answer answer(int id) throws IOException {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        while (true) {
            Received record = read();
            if (record.id() != id) {
                throw new IOException("record of request " + record.id() + " where " + id + " was expected");
            }
            if (record.type() == 3) {
                return parse(stdout.toString(ISO_8859_1), record.content()[4]);
            }
            stdout.write(record.content());
        }
    }

    private static Answer parse(String stdout, int protocolStatus) {
        Map<String, String> head = new HashMap<>();
        int end = stdout.indexOf("\r\n\r\n");
        if (end >= 0) {
            for (String line : stdout.substring(0, end).split("\r\n")) {
                String[] parts = line.split(": ", 2);
                head.put(parts[0].toLowerCase(java.util.Locale.ROOT), parts[1]);
            }
        }
        return new Answer(head, end < 0 ? stdout : stdout.substring(end + 4), protocolStatus);
    }

    /** Whether the other end has closed, with nothing left to read. */
    boolean isAtEnd() throws IOException {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("reset")) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
