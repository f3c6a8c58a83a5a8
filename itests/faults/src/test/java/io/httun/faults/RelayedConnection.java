// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.httun.faults.Plan.Injection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;

/** One connection of a client, with one of its own to the server: request after request. */
final class RelayedConnection implements Runnable {
    private static final byte[] PAGE =
            "<html><head><title>Network</title></head><body>Please log in to go on.</body></html>".getBytes(US_ASCII);

    private final FaultyRelay relay;
    private final Socket client;
    private Socket server;
    private InputStream fromServer;
    private boolean hard;

    RelayedConnection(FaultyRelay relay, Socket client) {
        this.relay = relay;
        this.client = client;
    }

    @Override
    public void run() {
        try {
            client.setSoTimeout(relay.idleMillis());
            InputStream in = new BufferedInputStream(client.getInputStream(), 1 << 16);
            boolean more = true;
            while (more) {
                HttpMessage request = HttpMessage.read(in);
                more = request != null && exchange(request, in) && !relay.isOneRequest();
            }
        } catch (IOException e) {
            // One of the two has gone, and so goes the other.
            hard = false;
        } finally {
            end(client);
            end(server);
        }
    }

    private void end(Socket socket) {
        if (socket == null) {
            return;
        }
        relay.forget(socket);
        if (hard) {
            FaultyRelay.cut(socket);
            return;
        }
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns whether the connection goes on. */
    private boolean exchange(HttpMessage request, InputStream in) throws IOException {
        Injection injection = relay.next(request.kind());
        hard = injection.hard();
        LineFault fault = injection.fault();
        if (fault == LineFault.CUT_BEFORE_REQUEST) {
            return false;
        }
        byte[] body = fault == LineFault.CUT_IN_REQUEST_BODY ? in.readNBytes(request.length() / 2) : new byte[0];
        boolean cut = true;
        switch (fault) {
            case CUT_IN_REQUEST_HEAD -> send(half(request.bytes()));
            case CUT_AFTER_REQUEST_HEAD, CUT_IN_REQUEST_BODY -> send(request.bytes(), body);
            default -> cut = false;
        }
        return !cut && request(request, request.body(in), injection);
    }

    private boolean request(HttpMessage request, byte[] body, Injection injection) throws IOException {
        LineFault fault = injection.fault();
        if (!fault.isTaken()) {
            page(fault);
            return true;
        }
        byte[] head = request.bytes();
        switch (fault) {
            case LATE_REQUEST, PAUSE_BEFORE_REQUEST -> {
                relay.pause(injection.millis());
                send(head, body);
            }
            case PAUSE_IN_REQUEST -> {
                byte[] part = body.length == 0 ? half(head) : head;
                send(part, half(body));
                relay.pause(injection.millis());
                send(rest(head, part), rest(body, half(body)));
            }
            case BYTE_BY_BYTE_REQUEST -> oneByOne(server().getOutputStream(), head, body);
            default -> send(head, body);
        }
        if (fault == LineFault.TWICE || fault == LineFault.REPLAYED) {
            long after = fault == LineFault.TWICE ? 0 : injection.millis();
            FaultyRelay.start(() -> again(head, body, after));
        }
        return fault != LineFault.CUT_AFTER_REQUEST && reply(injection);
    }

    /** The same request once more, on a connection of its own; nobody wants the reply. */
    private void again(byte[] head, byte[] body, long after) {
        try {
            relay.pause(after);
            try (Socket other = relay.connect()) {
                write(other.getOutputStream(), head, body);
                other.setSoTimeout(6000);
                HttpMessage reply = HttpMessage.read(other.getInputStream());
                if (reply != null) {
                    reply.body(other.getInputStream());
                }
                relay.forget(other);
            }
        } catch (IOException e) {
            // A stock server closes the connection instead of an answer.
            relay.idleMillis();
        }
    }

    private boolean reply(Injection injection) throws IOException {
        HttpMessage reply = HttpMessage.read(fromServer);
        if (reply == null) {
            return false;
        }
        byte[] body = reply.body(fromServer);
        if (relay.isOneRequest()) {
            reply = reply.closing();
        }
        List<byte[]> stale = relay.replies();
        if (reply.isOk() && body.length > 0) {
            relay.remember(body);
        }
        if (injection.fault().status() > 0) {
            page(injection.fault());
            return true;
        }
        return pass(reply, body, injection, stale);
    }

    private boolean pass(HttpMessage reply, byte[] body, Injection injection, List<byte[]> stale) throws IOException {
        OutputStream out = client.getOutputStream();
        byte[] head = reply.bytes();
        switch (injection.fault()) {
            case REPLY_LOST -> {
                return false;
            }
            case CUT_IN_REPLY_HEAD -> {
                write(out, half(head));
                return false;
            }
            case CUT_AFTER_REPLY_HEAD -> {
                write(out, head);
                return false;
            }
            case CUT_IN_REPLY_BODY -> {
                write(out, head, half(body));
                return false;
            }
            case CUT_AFTER_REPLY -> {
                write(out, head, body);
                return false;
            }
            case LATE_REPLY, PAUSE_BEFORE_REPLY -> {
                relay.pause(injection.millis());
                write(out, head, body);
            }
            case PAUSE_IN_REPLY -> {
                byte[] part = body.length == 0 ? half(head) : head;
                write(out, part, half(body));
                relay.pause(injection.millis());
                write(out, rest(head, part), rest(body, half(body)));
            }
            case BYTE_BY_BYTE_REPLY -> oneByOne(out, head, body);
            case TRUNCATED_REPLY -> write(out, reply.withLength(body.length / 2).bytes(), half(body));
            case SHORT_LENGTH -> write(out, reply.withLength(body.length / 2).bytes(), body);
            case LONG_LENGTH -> write(out, reply.withLength(body.length + 10).bytes(), body);
            case FOREIGN_FRAME -> frame(relay.foreign(), head, body);
            case STALE_FRAME -> frame(stale, head, body);
            default -> write(out, head, body);
        }
        return true;
    }

    private void frame(List<byte[]> frames, byte[] head, byte[] body) throws IOException {
        if (frames.isEmpty()) {
            write(client.getOutputStream(), head, body);
        } else {
            byte[] wrong = frames.get(0);
            write(client.getOutputStream(), HttpMessage.page(200, wrong.length).bytes(), wrong);
        }
    }

    private void page(LineFault fault) throws IOException {
        if (fault.isEmpty()) {
            write(client.getOutputStream(), HttpMessage.empty().bytes());
        } else {
            write(
                    client.getOutputStream(),
                    HttpMessage.page(fault.status(), PAGE.length).bytes(),
                    PAGE);
        }
    }

    private Socket server() throws IOException {
        if (server == null) {
            server = relay.connect();
            server.setSoTimeout(relay.idleMillis());
            fromServer = new BufferedInputStream(server.getInputStream(), 1 << 16);
        }
        return server;
    }

    private void send(byte[]... parts) throws IOException {
        write(server().getOutputStream(), parts);
    }

    private static void write(OutputStream out, byte[]... parts) throws IOException {
        for (byte[] part : parts) {
            out.write(part);
        }
    }

    private static void oneByOne(OutputStream out, byte[]... parts) throws IOException {
        for (byte[] part : parts) {
            for (byte one : part) {
                out.write(one);
            }
        }
    }

    private static byte[] half(byte[] whole) {
        return Arrays.copyOf(whole, whole.length / 2);
    }

    private static byte[] rest(byte[] whole, byte[] part) {
        return Arrays.copyOfRange(whole, part.length, whole.length);
    }
}
