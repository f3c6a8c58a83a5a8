// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.pipe;

import io.httun.toolkit.carried.CarriedChannelConfig;
import io.httun.toolkit.carried.ConnectedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;

/**
 * One end of a pipe as a Netty channel: what the peer wrote is read from it, what is written to it travels in frames. It has
 * writability and {@code autoRead} as everywhere else, so any handler runs on it. It has no half-close: a multiplexer ends
 * each of them by itself.
 */
public final class PipeChannel extends ConnectedChannel {
    /** Transports the bytes. Called on the channel's event loop. */
    public interface End {
        /** The next bytes in order; null if there are none now. Ownership passes. */
        ByteBuf read();

        /** Whether {@link #write} should be called now; if not, {@link PipeChannel#writable} is called later. */
        boolean isWritable();

        /** Takes bytes; ownership passes. {@link #moved} follows. */
        void write(ByteBuf data);

        /** Bytes were read or written: there may be something to send. */
        void moved();

        /** The channel is closed: tell the peer. Called once. */
        void closed();
    }

    /** Buffers that one read delivers, so that a fast peer cannot keep the loop from others. */
    private static final int READS = 16;

    private final CarriedChannelConfig config = new CarriedChannelConfig(this);
    private final SocketAddress remote;
    private final End end;
    private final ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    private volatile boolean closed;
    private boolean readPending;
    private boolean delivering;

    /** @param remote for {@link #remoteAddress()} */
    public PipeChannel(SocketAddress remote, End end) {
        this.remote = remote;
        this.end = end;
    }

    /** There are bytes to read, perhaps. */
    public void readable() {
        deliver();
    }

    /** The end takes bytes again, perhaps. */
    public void writable() {
        if (!closed && outbound.current() != null && end.isWritable()) {
            ((PipeUnsafe) unsafe()).flushWaiting();
        }
    }

    /** The pipe broke: tells the pipeline and closes. */
    public void fail(Throwable cause) {
        if (!closed) {
            pipeline().fireExceptionCaught(cause);
            unsafe().close(unsafe().voidPromise());
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!delivering) {
            eventLoop().execute(this::deliver);
        }
    }

    private void deliver() {
        if (delivering || closed) {
            return;
        }
        delivering = true;
        boolean any = false;
        while (readPending && !closed) {
            ByteBuf data = end.read();
            if (data == null) {
                break;
            }
            any = true;
            readPending = false;
            pipeline().fireChannelRead(data);
            for (int i = 1; i < READS && !closed; i++) {
                data = end.read();
                if (data == null) {
                    break;
                }
                pipeline().fireChannelRead(data);
            }
            pipeline().fireChannelReadComplete();
        }
        delivering = false;
        if (any && !closed) {
            end.moved();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        boolean any = false;
        // Asked for each buffer: what is taken is bounded, and the flow stops at the writer.
        while (in.current() instanceof ByteBuf data && end.isWritable()) {
            end.write(data.retain());
            in.remove();
            any = true;
        }
        if (any) {
            end.moved();
        }
    }

    @Override
    protected void doClose() {
        closed = true;
        end.closed();
    }

    private final class PipeUnsafe extends ConnectedUnsafe {
        void flushWaiting() {
            flush0();
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new PipeUnsafe();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        return close(promise);
    }

    @Override
    public boolean isInputShutdown() {
        return closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return closed;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return remote;
    }
}
