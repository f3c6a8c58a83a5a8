// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.stream.StreamOrigin;
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;

/** What runs in a pipe at the server: a channel for each of its epochs, one after the other. Everything here runs on one event loop. */
final class ServerPipeEpochs {
    private final Parts parts;
    private final SessionPipe pipe;
    private final EventLoop loop;
    private Epoch served;

    ServerPipeEpochs(Parts parts, SessionPipe pipe, EventLoop loop) {
        this.parts = parts;
        this.pipe = pipe;
        this.loop = loop;
    }

    /**
     * Has the channel look at both directions.
     *
     * @param number of the current epoch
     * @param begins whether the client has sent bytes that want a channel
     * @param owner session that has the pipe
     */
    void look(int number, boolean begins, Session owner) {
        if (served != null && served.number != number) {
            fail("the client began anew in the pipe");
        }
        if (served == null && begins) {
            serve(number, owner);
        }
        if (served != null) {
            served.channel.readable();
        }
        // Reading may have closed the channel.
        if (served != null) {
            served.channel.writable();
        }
    }

    /** Without a multiplexer the client is told that what it began has ended, and can refuse its users at once. */
    private void serve(int number, Session owner) {
        StreamMultiplexer streams = parts.streams().get();
        if (streams == null) {
            pipe.ended(number);
            return;
        }
        ChannelSettings settings = owner.channel().settings();
        StreamOrigin origin =
                new StreamOrigin(owner.channel().origin(), owner.peer(), settings.reverse(), settings.test());
        Epoch next = new Epoch(number, owner.id());
        served = next;
        loop.register(next.channel).addListener(registered -> {
            if (registered.isSuccess()) {
                streams.serve(next.channel, origin);
                if (parts.drain().isOn()) {
                    streams.drain(next.channel);
                }
            } else {
                next.channel.close();
            }
        });
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        StreamMultiplexer streams = parts.streams().get();
        if (served != null && streams != null) {
            streams.drain(served.channel);
        }
    }

    void fail(String why) {
        if (served != null) {
            served.channel.fail(new HttunException(why));
        }
    }

    /** One epoch of the pipe as a channel. Once the client has begun the next epoch, it neither reads nor writes any more. */
    private final class Epoch implements PipeChannel.End {
        private final int number;
        private final PipeChannel channel;

        Epoch(int number, String id) {
            this.number = number;
            this.channel = new PipeChannel(new LocalAddress("httun-" + id), this);
        }

        @Override
        public ByteBuf read() {
            return pipe.read(number);
        }

        @Override
        public boolean isWritable() {
            return pipe.isWritable(number);
        }

        @Override
        public void write(ByteBuf data) {
            pipe.write(number, data);
        }

        @Override
        public void moved() {
            pipe.tick();
        }

        @Override
        public void closed() {
            if (served == this) {
                served = null;
            }
            pipe.ended(number);
        }
    }
}
