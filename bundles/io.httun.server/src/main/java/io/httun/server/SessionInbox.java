// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The client's frames of one session, taken in the order of their numbers, each once, whatever connection they came on.
 * A frame that cannot be taken in time is answered 503, and the client sends it again.
 */
final class SessionInbox {
    private static final int MAX_AHEAD = 32;
    private static final int MAX_BYTES = 2 << 20;

    private final Session session;
    private final QueueBudget budget;
    private final TreeMap<Long, Upload> waiting = new TreeMap<>();
    private int waitingBytes;
    private long next;
    private boolean ended;

    SessionInbox(Session session, QueueBudget budget) {
        this.session = session;
        this.budget = budget;
    }

    /** The frame of one request, which was opened under the session's key. Takes it over. */
    CompletableFuture<TunnelReply> write(Upload upload) {
        CompletableFuture<TunnelReply> future = new CompletableFuture<>();
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            TunnelReply at = admit(upload, future, afterwards);
            if (at != null) {
                upload.content().release();
                afterwards.reply(future, at);
            }
        }
        afterwards.run();
        return future;
    }

    /** @return null if the frame has been taken over; otherwise the reply to it */
    private TunnelReply admit(Upload upload, CompletableFuture<TunnelReply> future, Afterwards afterwards) {
        long number = upload.number();
        if (ended) {
            return TunnelReply.refused();
        }
        if (number < next) {
            return session.channel().nothing();
        }
        Upload same = waiting.get(number);
        if (same != null) {
            if (!same.join(future)) {
                return TunnelReply.unavailable();
            }
            upload.content().release();
            return null;
        }
        if (number - next >= MAX_AHEAD || number != next && waitingBytes + upload.size() > MAX_BYTES) {
            return TunnelReply.unavailable();
        }
        upload.join(future);
        waiting.put(number, upload);
        keep(upload.size());
        take(afterwards);
        return null;
    }

    /** Takes what can be taken now. Any thread, without a lock. */
    void pump() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            take(afterwards);
        }
        afterwards.run();
    }

    private void take(Afterwards afterwards) {
        List<ByteBuf> packets = null;
        while (!ended && !waiting.isEmpty() && waiting.firstKey() == next) {
            Upload upload = waiting.firstEntry().getValue();
            if (upload.content() instanceof Upload.Content.ForTarget target
                    && !session.slot().hasRoom(target.container())) {
                return;
            }
            waiting.pollFirstEntry();
            keep(-upload.size());
            next++;
            TunnelReply reply = session.channel().nothing();
            if (upload.content() instanceof Upload.Content.ForTarget target) {
                session.slot().accept(target.container());
            } else if (upload.content() instanceof Upload.Content.Packet one) {
                if (packets == null) {
                    List<ByteBuf> all = new ArrayList<>();
                    packets = all;
                    afterwards.add(() -> session.channel().l3().fromClient(session.l3(), all));
                }
                packets.add(one.packet());
            } else if (upload.content() instanceof Upload.Content.Ping ping) {
                afterwards.add(() -> session.outbox().ping(ping.payload()));
            } else if (upload.content() instanceof Upload.Content.Wrong) {
                reply = session.channel().wrong();
            }
            afterwards.reply(upload.waiting(), reply);
        }
    }

    private void keep(int bytes) {
        waitingBytes += bytes;
        budget.hold(bytes);
    }

    /** Whether this frame is new: it was not taken before and does not wait either. */
    synchronized boolean isNew(Upload upload) {
        return !ended && upload.number() >= next && !waiting.containsKey(upload.number());
    }

    /** Answers 503 to frames that have waited long enough: the client sends them again. */
    void expire(long now) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            for (Iterator<Map.Entry<Long, Upload>> each = waiting.entrySet().iterator(); each.hasNext(); ) {
                Upload upload = each.next().getValue();
                if (upload.isOverdue(now)) {
                    each.remove();
                    giveUp(upload, TunnelReply.unavailable(), afterwards);
                }
            }
        }
        afterwards.run();
    }

    private void giveUp(Upload upload, TunnelReply reply, Afterwards afterwards) {
        keep(-upload.size());
        upload.content().release();
        afterwards.reply(upload.waiting(), reply);
    }

    void end() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            ended = true;
            waiting.values().forEach(upload -> giveUp(upload, TunnelReply.refused(), afterwards));
            waiting.clear();
        }
        afterwards.run();
    }
}
