// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Connections through a SOCKS listener that show what a tunnel does. */
final class DemoRequest {
    private static final int MAX_REPLY = 1 << 16;
    private static final int MAX_MILLIS = 5_000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final Proxy proxy;
    private final int patience;

    /** @param patienceNanos how long each step may take, 5 s at most */
    DemoRequest(DemoParts.HostAndPort socks, long patienceNanos) throws IOException {
        proxy = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(InetAddress.getByName(socks.host()), socks.port()));
        patience = (int) Math.min(MAX_MILLIS, Math.max(1, patienceNanos / NANOS_PER_MILLI));
    }

    /** Bytes of the two ends, without SOCKS and tunnel. */
    record Result(long bytesSent, long bytesReceived, Duration time) {}

    /** The outcome of a connection, and its time. */
    record Outcome(String words, Duration time) {}

    private Socket dial(InetSocketAddress target) throws IOException {
        Socket socket = new Socket(proxy);
        try {
            socket.setSoTimeout(patience);
            socket.connect(target, patience);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** One HTTP request. */
    Result request(DemoTarget target) throws IOException {
        byte[] request = ("GET / HTTP/1.1\r\nhost: " + target.address() + "\r\nconnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        long begin = System.nanoTime();
        try (Socket socket = dial(target.socketAddress())) {
            socket.getOutputStream().write(request);
            byte[] reply = socket.getInputStream().readNBytes(MAX_REPLY);
            String text = new String(reply, StandardCharsets.US_ASCII);
            if (!text.endsWith(DemoTarget.BODY)) {
                throw new IOException("the answer differs from the one sent, " + reply.length + " bytes");
            }
            return new Result(request.length, reply.length, since(begin));
        }
    }

    /** The first line of a target that speaks first. */
    Outcome greeting(DemoTarget target) throws IOException {
        long begin = System.nanoTime();
        try (Socket socket = dial(target.socketAddress())) {
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            if (!DemoTarget.GREETING.equals(line)) {
                throw new IOException("got the wrong greeting from a target that speaks first");
            }
            return new Outcome(line, since(begin));
        } catch (SocketTimeoutException e) {
            throw new IOException("got no greeting from a target that speaks first", e);
        }
    }

    /** What the listener says of a port that nobody listens on. */
    Outcome refusal() throws IOException {
        try (Socket bound = new Socket(Proxy.NO_PROXY)) {
            // Bound and not listening: no other process can take it, and connections are refused.
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            long begin = System.nanoTime();
            try {
                dial((InetSocketAddress) bound.getLocalSocketAddress()).close();
            } catch (SocketTimeoutException e) {
                throw new IOException("got no answer about a closed port", e);
            } catch (SocketException e) {
                return new Outcome(e.getMessage(), since(begin));
            }
            throw new IOException("got a connection to a closed port");
        }
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
