// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.handler.codec.http.HttpResponseStatus;

/** The meaning of replies on the stock wire ({@code wire/httun.md} section 1), where the server sends data once and accepts a frame once. */
final class StockVerdicts {
    private StockVerdicts() {}

    /** Judges a complete reply to a {@code w}. */
    static Verdict written(LinkReply reply) {
        if (reply.isOk()) {
            // A page comes from a proxy: the frame may not have arrived at the server.
            return reply.page() ? Verdict.AGAIN_LATER : Verdict.DONE;
        }
        if (reply.is(HttpResponseStatus.REQUEST_TIMEOUT)) {
            return Verdict.AGAIN_AT_ONCE;
        }
        return reply.comeAgain() >= 0 ? Verdict.AGAIN_LATER : Verdict.LOST;
    }

    /** Judges a complete reply to an {@code r}. */
    static Verdict read(LinkReply reply) {
        if (reply.isOk()) {
            return reply.page() ? Verdict.DONE : Verdict.EMPTY;
        }
        if (reply.is(HttpResponseStatus.REQUEST_TIMEOUT)) {
            return Verdict.EMPTY;
        }
        // A gateway that answers 502, 503 or 504 may have lost a reply, which the server does not repeat.
        return reply.is(HttpResponseStatus.TOO_MANY_REQUESTS) ? Verdict.AGAIN_LATER : Verdict.LOST;
    }

    /** Judges a request without a complete reply: the server would refuse a frame that it has, and does not repeat a lost reply. */
    static Verdict failed(HttpLink.Failure failure) {
        return failure == HttpLink.Failure.NOT_SENT ? Verdict.AGAIN_LATER : Verdict.LOST;
    }
}
