// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.FrameText;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the heads of requests to one server, with the headers of a stock client in its order ({@code wire/httun.md} section 8). */
final class RequestHeads {
    private static final String END = " HTTP/1.1\r\n";

    private final ServerUrl url;
    private final int channel;
    private final byte[] getPrefix;
    private final byte[] getHeaders;
    private final byte[] postPrefix;
    private final byte[] postHeaders;

    RequestHeads(ServerUrl url, ClientSettings settings) {
        this.url = url;
        this.channel = settings.id();
        String base = (settings.wayOut().forwards(url) ? url.origin() : "") + url.base();
        this.getPrefix = ascii("GET " + base);
        this.getHeaders = ascii(headers(url, settings, false) + "\r\n");
        this.postPrefix = ascii("POST " + base);
        this.postHeaders = ascii(headers(url, settings, true) + "content-length: ");
    }

    private static String headers(ServerUrl url, ClientSettings settings, boolean post) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", post ? "application/octet-stream" : "");
        headers.put("authorization", settings.authorization());
        headers.put("accept", "*/*");
        headers.put("user-agent", settings.userAgent());
        headers.put("cache-control", "no-store");
        for (ExtraHeader extra : settings.extraHeaders()) {
            headers.remove(extra.name());
            headers.put(extra.name(), extra.value());
        }
        headers.putIfAbsent("host", url.authority());
        StringBuilder text = new StringBuilder();
        headers.forEach((name, value) -> {
            if (!value.isEmpty()) {
                text.append(name).append(": ").append(value).append("\r\n");
            }
        });
        return text.toString();
    }

    ServerUrl url() {
        return url;
    }

    /** @param message from {@link #message} */
    ByteBuf read(ByteBufAllocator allocator, long serial, byte[] message) {
        ByteBuf head = allocator.buffer(getPrefix.length + getHeaders.length + message.length + 64);
        head.writeBytes(getPrefix);
        head.writeCharSequence(TunnelPath.format(channel, true, serial), StandardCharsets.US_ASCII);
        head.writeCharSequence("?m=", StandardCharsets.US_ASCII);
        head.writeBytes(message);
        head.writeCharSequence(END, StandardCharsets.US_ASCII);
        return head.writeBytes(getHeaders);
    }

    ByteBuf write(ByteBufAllocator allocator, long serial, int length) {
        ByteBuf head = allocator.buffer(postPrefix.length + postHeaders.length + 64);
        head.writeBytes(postPrefix);
        head.writeCharSequence(TunnelPath.format(channel, false, serial), StandardCharsets.US_ASCII);
        head.writeCharSequence(END, StandardCharsets.US_ASCII);
        head.writeBytes(postHeaders);
        head.writeCharSequence(Integer.toString(length), StandardCharsets.US_ASCII);
        head.writeCharSequence("\r\n\r\n", StandardCharsets.US_ASCII);
        return head;
    }

    /** Returns the value of {@code m} for a sealed frame, and releases the frame. */
    static byte[] message(ByteBuf frame) {
        try {
            return ascii(FrameText.encode(frame));
        } finally {
            frame.release();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
