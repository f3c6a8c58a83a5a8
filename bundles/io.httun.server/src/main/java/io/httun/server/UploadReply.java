// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import java.util.concurrent.CompletableFuture;

/**
 * The one reply to a request on {@code w}, given when each of its frames has been taken or sent away. A client sends the
 * whole request again unless all of them were taken. Guarded by its write side's lock.
 */
final class UploadReply {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final CompletableFuture<TunnelReply> future = new CompletableFuture<>();
    private int due;
    private TunnelReply reply;

    UploadReply(int frames) {
        this.due = frames;
    }

    CompletableFuture<TunnelReply> future() {
        return future;
    }

    /** What became of one frame. The worst counts: what is wrong, before what only came at the wrong time. */
    void told(TunnelReply one, Afterwards afterwards) {
        if (reply == null || reply.status() == OK || reply.status() == UNAVAILABLE && one.status() != OK) {
            reply = one;
        }
        due--;
        if (due == 0) {
            afterwards.reply(future, reply);
        }
    }
}
