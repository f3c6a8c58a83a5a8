// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The packets of a session with parallel requests, in both directions. */
final class SessionPackets {
    private final PacketUploads uploads;
    private final PacketReplies replies;

    SessionPackets(Parts parts, Session session) {
        this.uploads = new PacketUploads(parts, session);
        this.replies = new PacketReplies(parts, session);
    }

    TunnelReply written(List<Frame> frames) {
        return uploads.written(frames);
    }

    CompletableFuture<TunnelReply> asked(long number, long received) {
        return replies.asked(number, received);
    }

    void pump() {
        replies.pump();
    }

    boolean isAsked() {
        return replies.isAsked();
    }

    void expire(long now) {
        replies.expire(now);
    }

    void end() {
        uploads.end();
        replies.end();
    }
}
