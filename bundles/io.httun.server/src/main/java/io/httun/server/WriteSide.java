// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.SequenceType;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The client's frames of one session, taken in the order of their numbers, each once, whatever connection they came on.
 * A frame that cannot be taken in time has not been taken: the client sends it again.
 */
final class WriteSide {
    private static final int MAX_AHEAD = 32;
    private static final int MAX_BYTES = 2 << 20;

    private final Session session;
    private final TreeMap<Long, Upload> waiting = new TreeMap<>();
    private int waitingBytes;
    private long next;
    private boolean ended;

    WriteSide(Session session) {
        this.session = session;
    }

    /**
     * A frame that was opened under the session's key.
     *
     * @param content taken over
     * @param size of its payload in bytes
     */
    CompletableFuture<TunnelReply> write(long sequence, Upload.Content content, int size) {
        CompletableFuture<TunnelReply> future = new CompletableFuture<>();
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            if (ended) {
                content.release();
                afterwards.reply(future, TunnelReply.refused());
            } else {
                admit(SequenceType.number(sequence), content, size, future, afterwards);
            }
        }
        afterwards.run();
        return future;
    }

    private void admit(
            long number,
            Upload.Content content,
            int size,
            CompletableFuture<TunnelReply> future,
            Afterwards afterwards) {
        if (number < next) {
            content.release();
            afterwards.reply(future, session.channel().nothing());
            return;
        }
        Upload same = waiting.get(number);
        if (same != null) {
            content.release();
            if (!same.join(future)) {
                afterwards.reply(future, TunnelReply.unavailable());
            }
            return;
        }
        if (number - next >= MAX_AHEAD || number != next && waitingBytes + size > MAX_BYTES) {
            content.release();
            afterwards.reply(future, TunnelReply.unavailable());
            return;
        }
        Upload upload = new Upload(content, size);
        upload.join(future);
        waiting.put(number, upload);
        waitingBytes += size;
        take(afterwards);
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
        while (!ended && !waiting.isEmpty() && waiting.firstKey() == next) {
            Upload upload = waiting.firstEntry().getValue();
            if (upload.content() instanceof Upload.Content.ForTarget target
                    && !session.slot().hasRoom(target.container())) {
                return;
            }
            waiting.pollFirstEntry();
            waitingBytes -= upload.size();
            next++;
            TunnelReply reply = session.channel().nothing();
            if (upload.content() instanceof Upload.Content.ForTarget target) {
                session.slot().accept(target.container());
            } else if (upload.content() instanceof Upload.Content.Ping ping) {
                afterwards.add(() -> session.reads().ping(ping.payload()));
            } else {
                reply = session.channel().wrong();
            }
            afterwards.reply(upload.waiting(), reply);
        }
    }

    /** Sends those away who have waited long enough. */
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
        waitingBytes -= upload.size();
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
