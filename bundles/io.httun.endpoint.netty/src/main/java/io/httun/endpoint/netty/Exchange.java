// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;

/** An HTTP/1.x request that has been handed on, with its place in the order of answers. On its connection's loop. */
final class Exchange {
    private final boolean headOnly;
    private final String connection;
    private Waiting waiting;
    private TunnelReply reply;

    /** @param connection the reply's {@code connection} header; empty for none */
    Exchange(boolean headOnly, String connection) {
        this.headOnly = headOnly;
        this.connection = connection;
    }

    /** A request that is answered by this endpoint, and after which the connection is closed. */
    static Exchange last(TunnelReply reply) {
        Exchange last = new Exchange(false, ReplyEncoder.CLOSE);
        last.reply = reply;
        return last;
    }

    /** The same exchange, but the last one; answered at once if it has not been yet. */
    Exchange closing() {
        Exchange closing = new Exchange(headOnly, ReplyEncoder.CLOSE);
        closing.reply = reply;
        if (reply == null) {
            waiting.cancel();
            closing.reply = TunnelReply.unavailable();
        }
        return closing;
    }

    boolean isHeadOnly() {
        return headOnly;
    }

    String connection() {
        return connection;
    }

    boolean isLast() {
        return connection.equals(ReplyEncoder.CLOSE);
    }

    void waits(Waiting forReply) {
        waiting = forReply;
    }

    void answered(TunnelReply answer) {
        reply = answer;
    }

    /** Null until it is there. */
    TunnelReply reply() {
        return reply;
    }

    /** Answers instead of the server, if that has not answered yet. */
    void answer(TunnelReply instead) {
        if (reply == null) {
            waiting.answer(instead);
        }
    }

    /** The connection has gone. */
    void drop() {
        if (reply != null) {
            Waiting.drop(reply);
        } else {
            waiting.cancel();
        }
    }
}
