// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;

/**
 * A request of a pipe's client end, in flight from {@link PipeClientEnd#next} until the end is told that it was answered or
 * has failed.
 */
public sealed interface PipeExchange {
    /** What its frames are for. */
    Operation operation();

    /** A request on {@code w}. */
    final class Write implements PipeExchange {
        final long began;
        private final PipeBody body;

        Write(PipeBody body, long began) {
            this.body = body;
            this.began = began;
        }

        /** The frames of its body. */
        public PipeBody body() {
            return body;
        }

        @Override
        public Operation operation() {
            return body.operation(Operation.PIPE_TO_SERVER);
        }
    }

    /** A request on {@code r}. */
    final class Read implements PipeExchange {
        final long began;
        final long[] losses;
        private final long number;
        private final long received;
        private final int most;
        long bytes;
        boolean proved;

        Read(long number, long received, int most, long[] losses, long began) {
            this.number = number;
            this.received = received;
            this.most = most;
            this.losses = losses;
            this.began = began;
        }

        /** The number of type C that its frame must have; the numbers of a pipe go on under a new key. */
        public long number() {
            return number;
        }

        /** Bytes of payload. */
        public int payloadLength() {
            return PipeFrames.askLength(losses.length);
        }

        /** Writes the payload of its frame. */
        public void write(ByteBuf frame) {
            PipeFrames.writeAsk(frame, received, most, losses);
        }

        @Override
        public Operation operation() {
            return Operation.PIPE_FROM_SERVER;
        }
    }
}
