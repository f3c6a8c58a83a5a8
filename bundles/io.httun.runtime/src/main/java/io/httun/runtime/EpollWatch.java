// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.tunnel.FileWatch;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file descriptor that an event loop polls with its sockets. */
final class EpollWatch implements FileWatch {
    private static final Logger LOG = LoggerFactory.getLogger(EpollWatch.class);
    private static final long STOP_SECONDS = 5;

    private final EventLoop loop;
    private final Runnable readable;
    private volatile boolean active = true;
    /** Null before and after the registration; used on the loop. */
    private IoRegistration registration;

    private EpollWatch(EventLoop loop, Runnable readable) {
        this.loop = loop;
        this.readable = readable;
    }

    static EpollWatch start(EventLoop loop, int fd, Runnable readable) {
        EpollWatch watch = new EpollWatch(loop, readable);
        // Notified on the loop before the loop polls the descriptor.
        ((IoEventLoop) loop).register(watch.new Handle(fd)).addListener(watch::registered);
        return watch;
    }

    private void registered(Future<? super IoRegistration> done) {
        if (!done.isSuccess()) {
            LOG.warn("An event loop cannot poll a device; the device uses its own thread", done.cause());
            active = false;
            return;
        }
        registration = (IoRegistration) done.getNow();
        if (active) {
            registration.submit(EpollIoOps.EPOLLIN);
        } else {
            end();
        }
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public void close() {
        active = false;
        if (loop.inEventLoop()) {
            end();
            return;
        }
        try {
            if (!loop.submit(this::end).awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("An event loop has been busy for {} s and has not released a device", STOP_SECONDS);
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loop has ended with all its registrations", e);
        }
    }

    private void end() {
        active = false;
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    private final class Handle implements EpollIoHandle {
        private final FileDescriptor fd;

        Handle(int fd) {
            this.fd = new FileDescriptor(fd);
        }

        @Override
        public FileDescriptor fd() {
            return fd;
        }

        @Override
        public void handle(IoRegistration from, IoEvent event) {
            if (!active) {
                return;
            }
            if (((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLERR)) {
                end();
                return;
            }
            try {
                readable.run();
            } catch (RuntimeException e) {
                LOG.debug("A polled descriptor cannot be read; its owner reports the cause", e);
                end();
            }
        }

        /** Ends the registration; the caller owns the descriptor. */
        @Override
        public void close() {
            active = false;
        }
    }
}
