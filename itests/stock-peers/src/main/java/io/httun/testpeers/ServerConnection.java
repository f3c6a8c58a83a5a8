// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;

/** One TCP connection of a stock server: strictly one request after the other, all for one channel. */
final class ServerConnection implements Runnable {

    private final long number;
    private final Socket socket;
    private final StockServerOptions options;
    private final ServerState state;
    private final ReplyWriter out;
    private volatile Thread thread;
    private volatile boolean busy;
    private volatile boolean closed;
    private volatile boolean deaf;
    private volatile StockServerChannel channel;
    private volatile int channelId = -1;
    private volatile byte[] sessionKey;

    ServerConnection(long number, Socket socket, StockServerOptions options, ServerState state) throws IOException {
        this.number = number;
        this.socket = socket;
        this.options = options;
        this.state = state;
        this.out = new ReplyWriter(socket.getOutputStream(), options);
    }

    StockServerChannel channel() {
        return channel;
    }

    /** The session that an Init on this connection opened, null without one. */
    byte[] sessionKey() {
        return sessionKey;
    }

    boolean isBusy() {
        return busy;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try (socket) {
            work();
        } catch (IOException e) {
            state.traffic().refused("connection " + number + ", closing: " + e.getMessage());
        } finally {
            state.ended(this);
        }
    }

    /** Notes why the connection ends before the client can see that it does. */
    private void work() {
        try {
            socket.setTcpNoDelay(true);
            answer(new StockRequestReader(socket));
            if (deaf) {
                swallow();
            }
        } catch (IOException | InterruptedException e) {
            if (!closed) {
                state.traffic().refused("connection " + number + ": " + e.getMessage());
            }
        }
    }

    private void answer(StockRequestReader reader) throws IOException, InterruptedException {
        try {
            Optional<StockRequest> request =
                    receive(reader, Deadline.after(options.timing().firstRequest()));
            while (request.isPresent() && !deaf) {
                busy = true;
                serve(request.get());
                busy = false;
                request = receive(reader, Deadline.NEVER);
            }
        } catch (SocketTimeoutException e) {
            deaf = true;
        } catch (IOException | InterruptedException e) {
            if (!deaf) {
                throw e;
            }
        }
    }

    /** The next request; empty at the end of the stream. */
    private Optional<StockRequest> receive(StockRequestReader reader, Deadline deadline) throws IOException {
        Optional<StockRequestReader.Raw> raw = reader.next(deadline);
        if (raw.isEmpty()) {
            sayGoodbye();
            return Optional.empty();
        }
        try {
            StockRequest request = RequestParser.parse(number, raw.get());
            state.traffic().received(request);
            pin(request);
            return Optional.of(request);
        } catch (StockException e) {
            badRequest();
            throw e;
        }
    }

    /** Bad HTTP, or the end of the client's stream: a 400 before the close, but only after a good request. */
    private void badRequest() throws IOException {
        if (channel != null && !deaf) {
            out.status(400, List.of("connection: close"));
        }
    }

    private void sayGoodbye() {
        try {
            badRequest();
        } catch (IOException e) {
            // The client is gone altogether, and not only done with sending.
        }
    }

    /** Leaves the connection open and never answers on it again, also not what it is working on. */
    void deafen() {
        deaf = true;
        Thread running = thread;
        if (busy && running != null && running != Thread.currentThread()) {
            running.interrupt();
        }
    }

    private void swallow() throws IOException {
        Thread.interrupted();
        socket.setSoTimeout(0);
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /** Cuts the connection off, whatever it is doing. */
    void abort() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            state.traffic().refused("connection " + number + ": " + e.getMessage());
        }
        Thread running = thread;
        if (running != null && running != Thread.currentThread()) {
            running.interrupt();
        }
    }

    private void serve(StockRequest request) throws IOException, InterruptedException {
        Fault fault = state.faults().take(request.kind()).orElse(null);
        if (fault instanceof Fault.Status status) {
            out.status(status.code(), List.of());
        } else if (fault instanceof Fault.Raw raw) {
            out.raw(raw.reply());
        } else if (fault instanceof Fault.Close) {
            throw new StockException("closed as the test asked");
        } else {
            pause(fault);
            boolean reply = !(fault instanceof Fault.DropReply || fault instanceof Fault.LateStatus);
            if (options.inOrder() && request.kind() != StockRequest.Kind.R) {
                synchronized (channel.target()) {
                    take(request, reply, fault);
                }
            } else {
                take(request, reply, fault);
            }
            if (fault instanceof Fault.LateStatus late) {
                out.status(late.code(), List.of());
            } else if (!reply) {
                throw new StockException("reply dropped as the test asked");
            }
        }
    }

    private static void pause(Fault fault) throws InterruptedException {
        if (fault instanceof Fault.Delay delay) {
            Thread.sleep(delay.time().toMillis());
        } else if (fault instanceof Fault.Hold hold) {
            hold.gate().await();
        }
    }

    private void take(StockRequest request, boolean reply, Fault fault) throws IOException, InterruptedException {
        if (request.kind() == StockRequest.Kind.W) {
            if (reply) {
                out.ok(new byte[0]);
            }
            if (fault instanceof Fault.HoldAfterReply hold) {
                hold.gate().await();
            }
            channel.write(request.frame());
            return;
        }
        Optional<byte[]> answer =
                request.kind() == StockRequest.Kind.INIT ? init(request.frame()) : channel.read(request.frame());
        if (reply && answer.isPresent()) {
            out.ok(answer.get());
        } else if (reply) {
            out.idle();
        }
    }

    private Optional<byte[]> init(byte[] frame) throws IOException {
        StockFrame.isInit(frame);
        StockServerChannel.Opened opened = channel.init(frame);
        sessionKey = opened.key();
        state.opened(this, opened);
        return Optional.of(opened.reply());
    }

    private void pin(StockRequest request) throws StockException {
        StockServerChannel wanted = state.channel(request.channel());
        if (wanted == null) {
            throw new StockException("channel " + request.channel() + " is not configured");
        }
        if (channelId >= 0 && channelId != request.channel()) {
            throw new StockException("channel " + request.channel() + " on a connection pinned to " + channelId);
        }
        if (options.authorization().isPresent() && !options.authorization().equals(request.header("authorization"))) {
            throw new StockException("basic auth: missing or wrong");
        }
        channelId = request.channel();
        channel = wanted;
    }
}
