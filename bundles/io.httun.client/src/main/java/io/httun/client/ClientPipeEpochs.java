// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.stream.PipeSource;
import io.httun.protocol.pipe.PipeClientEnd;
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The channels of a pipe, one after the other, each in an epoch of its own ({@code docs/wire.md}, "Epochs"). Confined to the pipe's event loop.
 */
final class ClientPipeEpochs implements PipeChannel.End {
    /** How long a pipe is kept without a channel: for the next bundle of streams. */
    private static final long UNUSED_SECONDS = 60;

    private final PipeSession session;
    private final EventLoop loop;
    private final PipeClientEnd end;
    /** Null between two epochs. */
    private PipeChannel channel;

    private int channelEpoch;
    private Future<?> unused;

    ClientPipeEpochs(PipeSession session, EventLoop loop, PipeClientEnd end) {
        this.session = session;
        this.loop = loop;
        this.end = end;
    }

    boolean hasChannel() {
        return channel != null;
    }

    /** Makes the channel of the next epoch; there must be none now. */
    PipeChannel attach(String pipe) {
        stopWaiting();
        channelEpoch = end.epoch();
        channel = new PipeChannel(new LocalAddress("httun-" + pipe), this);
        return channel;
    }

    void readable() {
        if (channel != null) {
            channel.readable();
        }
    }

    void writable() {
        if (channel != null) {
            channel.writable();
        }
    }

    /** Fails the channel of an epoch that the server has ended. */
    void failFormer() {
        if (channel != null && end.epoch() != channelEpoch) {
            channel.fail(new HttunException("the server ended the connections in the pipe"));
        }
    }

    void fail(HttunException cause) {
        if (channel != null) {
            channel.fail(cause);
        }
    }

    void close() {
        if (channel != null) {
            channel.close();
        }
    }

    /** Waits for no further channel. */
    void stopWaiting() {
        if (unused != null) {
            unused.cancel(false);
        }
    }

    /** Whether the channel may read and write. A failing channel still writes, such as a GOAWAY, which is not for the server's new epoch. */
    private boolean isCurrent() {
        return session.isOpen() && channelEpoch == end.epoch();
    }

    @Override
    public ByteBuf read() {
        return isCurrent() ? end.read() : null;
    }

    @Override
    public boolean isWritable() {
        return isCurrent() && end.isWritable();
    }

    @Override
    public void write(ByteBuf data) {
        if (isCurrent()) {
            end.write(data);
        } else {
            data.release();
        }
    }

    @Override
    public void moved() {
        if (!session.isOver()) {
            session.pump();
        }
    }

    @Override
    public void closed() {
        boolean drained = channel.hasAttr(PipeSource.DRAINS);
        channel = null;
        if (!session.isOpen()) {
            return;
        }
        boolean begun = end.epoch() != channelEpoch || end.nextEpoch();
        if (begun && !drained && session.isKept()) {
            unused = loop.schedule(session::finishIfFree, UNUSED_SECONDS, TimeUnit.SECONDS);
            session.pump();
        } else {
            session.finish();
        }
    }
}
