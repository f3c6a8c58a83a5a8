// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.netty.buffer.ByteBuf;

/** Reads the frames of one body (wire page, section 2) as its bytes come; holds none back. */
final class FrameReader {
    static final int OPEN = 0x01;
    static final int DATA = 0x02;
    static final int PADDING = 0x03;
    static final int ERROR = 0x04;
    static final int PAD1 = 0x45;
    static final int CLOSE = 0x46;
    static final int DISCONNECT = 0x47;

    /** What a body holds. */
    interface Frames {
        /** Bytes of the stream; ownership passes. */
        void data(ByteBuf bytes);

        /** A frame began that is not DATA; its content does not matter. */
        void control(int type);
    }

    private enum State {
        TYPE,
        LENGTH_HIGH,
        LENGTH_LOW,
        CONTENT,
        ENDED
    }

    private final Frames frames;
    private State state = State.TYPE;
    private int type;
    private int left;

    FrameReader(Frames frames) {
        this.frames = frames;
    }

    /** CLOSE, DISCONNECT or ERROR was received: later input is ignored. */
    boolean isEnded() {
        return state == State.ENDED;
    }

    /**
     * Reads on.
     *
     * @param in read as far as the body goes; remains the caller's
     * @throws GnuFrameException at a type that does not exist
     */
    void read(ByteBuf in) {
        while (in.isReadable() && state != State.ENDED) {
            switch (state) {
                case TYPE -> type(in.readUnsignedByte());
                case LENGTH_HIGH -> {
                    left = in.readUnsignedByte() << Byte.SIZE;
                    state = State.LENGTH_LOW;
                }
                case LENGTH_LOW -> {
                    left |= in.readUnsignedByte();
                    state = left == 0 ? State.TYPE : State.CONTENT;
                }
                default -> content(in);
            }
        }
    }

    private void type(int next) {
        type = next;
        switch (type) {
            case OPEN, DATA, PADDING -> state = State.LENGTH_HIGH;
            case CLOSE, DISCONNECT, ERROR -> state = State.ENDED;
            case PAD1 -> state = State.TYPE;
            default ->
                throw new GnuFrameException(
                        "got a frame of type 0x" + Integer.toHexString(type) + ", expected 01 to 04 or 45 to 47");
        }
        if (type != DATA) {
            frames.control(type);
        }
    }

    private void content(ByteBuf in) {
        int length = Math.min(left, in.readableBytes());
        left -= length;
        if (left == 0) {
            state = State.TYPE;
        }
        if (type == DATA) {
            frames.data(in.readRetainedSlice(length));
        } else {
            in.skipBytes(length);
        }
    }
}
