// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import java.security.SecureRandom;
import java.util.concurrent.CompletionStage;

/**
 * Hands data frames to their sessions. A frame changes a session only after its number was found new: a stranger may have recorded and
 * repeated it.
 */
final class DataHandler {
    private final ChannelRegistry channels;
    private final ServerChannel decoy;
    private final RefusalReplies replies;
    private final UploadReader uploads;
    private final FrameKey spare;

    DataHandler(Parts parts, ChannelRegistry channels, ServerChannel decoy, RefusalReplies replies) {
        this.channels = channels;
        this.decoy = decoy;
        this.replies = replies;
        this.uploads = new UploadReader(parts.refusals());
        byte[] random = new byte[FrameKey.LENGTH];
        new SecureRandom().nextBytes(random);
        this.spare = new FrameKey(random);
    }

    /** Null if no session fits. */
    CompletionStage<TunnelReply> handle(
            ServerChannel channel, FrameOpener opener, FrameCipher cipher, Received received) {
        FrameOpener.Opened opened = opener.openExpected(
                channel, received.path().read(), received.path().serial(), seenOn(received));
        boolean allowed = opened != null || replies.mayAsk(received.request());
        if (opened == null && allowed) {
            opened = opener.openRecent(channel);
        }
        if (opened == null) {
            // The response time must reveal neither that a channel is missing nor how many sessions it has.
            SessionTable busiest = channels.most(allowed ? SessionTable::trials : SessionTable::newTrials)
                    .orElse(decoy.sessions());
            opener.feign(busiest, allowed, spare);
            return allowed ? null : replies.tooMany(received.request());
        }
        return received.path().read()
                ? read(opened.session(), opened.frame(), cipher, received)
                : write(opened.session(), opened.frame(), cipher, received);
    }

    /** The session last seen on the HTTP connection; null for none. */
    private static Session seenOn(Received received) {
        return received.request().carrier().attachment() instanceof Session.Hint hint ? hint.session() : null;
    }

    private CompletionStage<TunnelReply> read(Session session, Frame frame, FrameCipher cipher, Received received) {
        if (session.protocol() == ClientProtocol.PROBE) {
            return ProbeHandler.read(session, frame, cipher, received);
        }
        if (session.protocol() == ClientProtocol.PIPE) {
            return PipeHandler.read(session, frame, received);
        }
        if (session.protocol() == ClientProtocol.PACKETS) {
            return PacketHandler.read(session, frame, received);
        }
        ChannelSettings settings = session.channel().settings();
        Operation operation = frame.operation();
        boolean known = operation == Operation.L7_FROM_SERVER && settings.l7()
                || operation == Operation.L3_FROM_SERVER && settings.l3().isEnabled()
                || operation == Operation.TEST_FROM_SERVER && settings.test();
        if (!known) {
            throw new FrameException("operation " + operation + " on r of channel " + settings.name());
        }
        checkRead(frame, operation);
        int size = frame.payload().readableBytes();
        if (session.outbox().isNew(operation, frame.sequence()) && !isHeard(session, size, 1, received)) {
            return null;
        }
        return session.outbox().read(operation, frame.sequence());
    }

    private CompletionStage<TunnelReply> write(Session session, Frame frame, FrameCipher cipher, Received received) {
        ClientProtocol protocol = session.protocol();
        if (received.batch() == (protocol == ClientProtocol.STOCK)) {
            throw new FrameException(
                    received.batch()
                            ? "a batch on w, expected a single frame of a client without parallel requests"
                            : "a single frame on w, expected a batch of a client with parallel requests");
        }
        if (protocol == ClientProtocol.PROBE) {
            return ProbeHandler.write(session, frame, cipher, received);
        }
        if (protocol == ClientProtocol.PIPE) {
            return PipeHandler.write(session, frame, cipher, received);
        }
        if (protocol == ClientProtocol.PACKETS) {
            return PacketHandler.write(session, frame, cipher, received);
        }
        Upload upload = uploads.read(session, frame);
        if (session.inbox().isNew(upload) && !isHeard(session, upload.size(), 1, received)) {
            upload.content().release();
            return null;
        }
        return session.inbox().write(upload);
    }

    /** @throws FrameException if a request on {@code r} is not for this operation, or its number is of another type than C */
    static void checkRead(Frame frame, Operation expected) {
        if (frame.operation() != expected || !SequenceType.C.isTypeOf(frame.sequence())) {
            throw new FrameException("operation " + frame.operation() + " with sequence field "
                    + Long.toHexString(frame.sequence()) + " on r, expected " + expected + " with a number of type C");
        }
    }

    /** Notes a new request: the use of the key, the client's address and HTTP connection. Returns whether the session may go on. */
    static boolean isHeard(Session session, int bytes, int frames, Received received) {
        ServerChannel channel = session.channel();
        if (!session.life().use(frames, bytes + frames * Frame.OVERHEAD)) {
            channel.end(session, "its key is used up");
            return false;
        }
        if (!channel.sessions().confirm(session)) {
            return false;
        }
        session.used();
        session.seenFrom(received.request().carrier().peer());
        session.traffic().in(frames, bytes);
        channel.countRequest();
        channel.sessions()
                .hints()
                .seen(session, received.path().read(), received.path().serial());
        received.request().carrier().attach(session.hint());
        return true;
    }
}
