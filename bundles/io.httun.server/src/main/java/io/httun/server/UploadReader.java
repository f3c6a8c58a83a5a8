// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;

/** Reads the frame of a request on {@code w}. */
final class UploadReader {
    private final Refusals refusals;

    UploadReader(Refusals refusals) {
        this.refusals = refusals;
    }

    /**
     * The frame of a request, with a reference to its bytes of its own.
     *
     * @param frame stays the caller's
     * @throws FrameException if its number is of another type; it may not be taken then
     */
    Upload read(Session session, Frame frame) {
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
                if (container.port() != 0) {
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
