// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/** Takes the frames of a request on {@code w} out of its body. */
final class UploadReader {
    private final Refusals refusals;

    UploadReader(Refusals refusals) {
        this.refusals = refusals;
    }

    /**
     * All frames of a request, each with a reference to its bytes of its own.
     *
     * @param first the frame that told the session; stays the caller's
     * @param batch whether others may follow in {@code rest}
     * @throws FrameException if one of them is wrong; none may be taken then
     */
    List<Upload> read(Session session, Frame first, boolean batch, FrameCipher cipher, ByteBuf rest) {
        if (!batch) {
            return List.of(upload(session, first));
        }
        List<Upload> uploads = new ArrayList<>();
        boolean done = false;
        try {
            uploads.add(upload(session, first));
            while (rest.isReadable()) {
                uploads.add(next(session, cipher, FrameBody.next(rest)));
            }
            done = true;
            return uploads;
        } finally {
            if (!done) {
                uploads.forEach(upload -> upload.content().release());
            }
        }
    }

    private Upload next(Session session, FrameCipher cipher, ByteBuf sealed) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        try {
            Frame frame = new FrameOpener(cipher, sealed, out).open(session.key());
            if (frame == null) {
                throw new FrameException("a frame in a batch does not fit the session of the first one");
            }
            int size = frame.payload().readableBytes();
            if (!session.life().use(size + Frame.OVERHEAD)) {
                throw new FrameException("the session's key is used up");
            }
            session.traffic().in(size);
            return upload(session, frame);
        } finally {
            out.release();
        }
    }

    private Upload upload(Session session, Frame frame) {
        if (!SequenceType.B.isTypeOf(frame.sequence())) {
            throw new FrameException("sequence number on w is not of type B");
        }
        int size = frame.payload().readableBytes();
        return new Upload(SequenceType.number(frame.sequence()), content(session, frame), size);
    }

    private Upload.Content content(Session session, Frame frame) {
        ChannelSettings settings = session.channel().settings();
        Operation operation = frame.operation();
        if (operation == Operation.TEST_TO_SERVER && settings.test()) {
            return new Upload.Content.Ping(frame.payload().retain());
        }
        if (operation == Operation.L3_TO_SERVER && settings.l3().isEnabled()) {
            return new Upload.Content.Packet(frame.payload().retain());
        }
        String wrong = "operation " + operation + " on w of channel " + settings.name();
        if (operation == Operation.L7_TO_SERVER && settings.l7()) {
            try {
                L7Container container = L7Container.read(frame.payload());
                if (container.port() != 0 || session.isOurs() && container.isReset()) {
                    frame.payload().retain();
                    return new Upload.Content.ForTarget(container);
                }
                wrong = "port 0 in an L7 container";
            } catch (FrameException e) {
                wrong = e.getMessage();
            }
        }
        refusals.count(Refusals.Cause.WRONG, wrong);
        return new Upload.Content.Wrong();
    }
}
