// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Accepts members only: TLS has proved that a connection is one's before {@link #accept} gives it away. So nothing that a stranger sends reaches
 * a decoder, and a silent one holds up nobody. Handshakes have threads of their own, few and for a short time each.
 */
final class MemberDoor extends ServerSocket {
    private static final int THREADS = 8;
    /** Connections that wait for a handshake; beyond it they are closed. */
    private static final int WAITING = 64;
    /** From the connection on, whatever the other end sends meanwhile. */
    private static final int HANDSHAKE_MILLIS = 3000;

    private static final int POLL_SECONDS = 1;

    private final SSLContext tls;
    private final StrangerLog strangers;
    private final BlockingQueue<Socket> admitted = new ArrayBlockingQueue<>(WAITING);
    private final DefaultThreadFactory threads = new DefaultThreadFactory("httun-cluster-door", true);
    private final ThreadPoolExecutor handshakes = new ThreadPoolExecutor(
            THREADS, THREADS, POLL_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), threads);
    private final ScheduledThreadPoolExecutor limits = new ScheduledThreadPoolExecutor(1, threads);
    private Thread porter;

    MemberDoor(SSLContext tls, StrangerLog strangers) throws IOException {
        this.tls = tls;
        this.strangers = strangers;
        handshakes.allowCoreThreadTimeOut(true);
        limits.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Socket accept() throws IOException {
        open();
        try {
            while (!isClosed()) {
                Socket member = admitted.poll(POLL_SECONDS, TimeUnit.SECONDS);
                if (member != null) {
                    return member;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new SocketException("closed");
    }

    private synchronized void open() {
        if (porter == null) {
            porter = threads.newThread(this::attend);
            porter.start();
        }
    }

    private void attend() {
        while (!isClosed()) {
            try {
                Socket caller = super.accept();
                ScheduledFuture<?> limit =
                        limits.schedule(() -> close(caller), HANDSHAKE_MILLIS, TimeUnit.MILLISECONDS);
                handshakes.execute(() -> shakeHands(caller, limit));
            } catch (RejectedExecutionException e) {
                // The limit closes it.
            } catch (IOException e) {
                pause();
            }
        }
    }

    /** As when there are no more file descriptors. */
    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void shakeHands(Socket caller, ScheduledFuture<?> limit) {
        try {
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(caller, null, caller.getPort(), true);
            socket.setUseClientMode(false);
            socket.setNeedClientAuth(true);
            socket.startHandshake();
            if (!limit.cancel(false) || !admitted.offer(socket)) {
                close(caller);
            }
        } catch (IOException e) {
            limit.cancel(false);
            strangers.shutOut(caller.getInetAddress(), StrangerLog.reason(e));
            close(caller);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        handshakes.shutdownNow();
        limits.shutdownNow();
        admitted.forEach(MemberDoor::close);
    }
}
