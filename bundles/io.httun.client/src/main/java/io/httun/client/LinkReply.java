// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A complete reply to a request.
 *
 * @param body of a 200, heap-backed, released by the {@link HttpLink.Exchange} that gets the reply; empty for every other status
 * @param page whether the reply has a body, with any status
 * @param retryAfterMillis requested by the server; 0 for none
 */
record LinkReply(int status, ByteBuf body, boolean page, long retryAfterMillis) {
    boolean is(HttpResponseStatus expected) {
        return status == expected.code();
    }

    boolean isOk() {
        return is(HttpResponseStatus.OK);
    }

    /** Whether the server itself does not know the session (404) or rejects the frame (400); with a page it may be a proxy. */
    boolean isRefusal() {
        return !page && (is(HttpResponseStatus.NOT_FOUND) || is(HttpResponseStatus.BAD_REQUEST));
    }

    /** The pause in milliseconds after a temporary failure; negative for other replies. */
    long comeAgain() {
        return Retry.pause(status, page, retryAfterMillis);
    }

    /** For messages, such as {@code 503 and a page}. */
    String summary() {
        return status + (page ? " and a page" : "");
    }
}
