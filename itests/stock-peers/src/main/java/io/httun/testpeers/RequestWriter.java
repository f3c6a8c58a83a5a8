// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes requests with the paths and the header order of the stock client (wire protocol, sections 1 and 8). */
final class RequestWriter {

    private final String base;
    private final String host;
    private final int channel;
    private final Optional<String> authorization;
    private final Map<String, String> defaults = new LinkedHashMap<>();

    RequestWriter(
            URI url,
            String address,
            int channel,
            Optional<String> authorization,
            Optional<String> userAgent,
            Map<String, String> extraHeaders) {
        this.base = url.getRawPath().replaceAll("/+$", "");
        this.host = url.getPort() < 0 || url.getPort() == 80 ? address : address + ":" + url.getPort();
        this.channel = channel;
        this.authorization = authorization;
        defaults.put("accept", "*/*");
        userAgent.ifPresent(agent -> defaults.put("user-agent", agent));
        defaults.put("cache-control", "no-store");
        extraHeaders.forEach((name, value) -> {
            if (value.isEmpty()) {
                defaults.remove(name);
            } else {
                defaults.put(name, value);
            }
        });
    }

    byte[] get(long serial, byte[] frame) {
        String target = path("r", serial) + "?m=" + StockFrame.toBase64(frame);
        return head("GET " + target, false).append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] post(long serial, byte[] frame) {
        StringBuilder head = head("POST " + path("w", serial), true);
        head.append("content-length: ").append(frame.length).append("\r\n\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + frame.length);
        request.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(frame);
        return request.toByteArray();
    }

    private String path(String direction, long serial) {
        return String.format("%s/%d/%s/%010X", base, channel, direction, serial & 0xFF_FFFF_FFFFL);
    }

    private StringBuilder head(String requestLine, boolean body) {
        StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\n");
        if (body) {
            head.append("content-type: application/octet-stream\r\n");
        }
        authorization.ifPresent(
                value -> head.append("authorization: ").append(value).append("\r\n"));
        defaults.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("host: ").append(host).append("\r\n");
    }
}
