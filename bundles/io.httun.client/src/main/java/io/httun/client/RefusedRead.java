// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The message about an {@code r} request that the server refuses for good. */
final class RefusedRead {
    private RefusedRead() {}

    /** @param packets whether it asked for IP packets, which a channel without a TUN device answers with 400 */
    static HttunException of(LinkReply reply, boolean packets) {
        String hint = packets && reply.is(HttpResponseStatus.BAD_REQUEST)
                ? ": its channel carries no IP packets (tun.target at the server)"
                : "";
        return new HttunException("the server refused an r request with status " + reply.status() + hint);
    }
}
