// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;

/** One direction's bodies as they arrive, one after the other; what they hold is offered to the channel. */
final class Receiver implements FrameReader.Frames {
    /** How a body ended. */
    enum End {
        NONE,
        RENEWED,
        CLOSED,
        ERROR
    }

    private final CarriedChannel channel;
    private FrameReader reader = new FrameReader(this);
    private End end = End.NONE;
    private long lastNanos = System.nanoTime();

    Receiver(CarriedChannel channel) {
        this.channel = channel;
    }

    /** The next body begins. */
    void renew() {
        reader = new FrameReader(this);
        end = End.NONE;
        lastNanos = System.nanoTime();
    }

    /**
     * Reads on.
     *
     * @param in remains the caller's
     * @return how the body ended, if it did
     * @throws GnuFrameException if it holds what no body can
     */
    End read(ByteBuf in) {
        lastNanos = System.nanoTime();
        reader.read(in);
        channel.offerComplete();
        return end;
    }

    End end() {
        return end;
    }

    /** Since the peer's last byte. */
    long silentNanos() {
        return System.nanoTime() - lastNanos;
    }

    /** The peer is not to blame for the silence up to now. */
    void excuse() {
        lastNanos = System.nanoTime();
    }

    @Override
    public void data(ByteBuf bytes) {
        channel.offer(bytes);
    }

    @Override
    public void control(int type) {
        end = switch (type) {
            case FrameReader.DISCONNECT -> End.RENEWED;
            case FrameReader.CLOSE -> End.CLOSED;
            case FrameReader.ERROR -> End.ERROR;
            default -> end;
        };
    }
}
