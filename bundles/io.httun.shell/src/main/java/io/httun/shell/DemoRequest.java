// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One HTTP request through a SOCKS listener. */
final class DemoRequest {
    private static final int MAX_REPLY = 1 << 16;
    private static final int MAX_MILLIS = 5_000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private DemoRequest() {}

    /** Bytes as the two ends see them, without SOCKS and tunnel. */
    record Result(long bytesSent, long bytesReceived, Duration time) {}

    static Result run(DemoParts.HostAndPort socks, DemoTarget target, long patienceNanos) throws IOException {
        int patience = (int) Math.min(MAX_MILLIS, Math.max(1, patienceNanos / NANOS_PER_MILLI));
        byte[] request = ("GET / HTTP/1.1\r\nhost: " + target.address() + "\r\nconnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        Proxy proxy =
                new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(InetAddress.getByName(socks.host()), socks.port()));
        long begin = System.nanoTime();
        try (Socket socket = new Socket(proxy)) {
            socket.setSoTimeout(patience);
            socket.connect(new InetSocketAddress(target.host(), target.address().port()), patience);
            socket.getOutputStream().write(request);
            byte[] reply = socket.getInputStream().readNBytes(MAX_REPLY);
            String text = new String(reply, StandardCharsets.US_ASCII);
            if (!text.endsWith(DemoTarget.BODY)) {
                throw new IOException(
                        "the answer that came back is not the one that was sent, " + reply.length + " bytes");
            }
            return new Result(request.length, reply.length, Duration.ofNanos(System.nanoTime() - begin));
        }
    }
}
