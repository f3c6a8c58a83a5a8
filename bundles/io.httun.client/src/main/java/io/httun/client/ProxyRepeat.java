// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The request on its way through a forwarding proxy, as it was before the connection changed it, because the proxy may want to know
 * first who sends it. Elsewhere nothing is kept. Confined to its event loop.
 */
final class ProxyRepeat {
    /** NTLM and Negotiate take three requests; one more for a connection that was closed meanwhile. */
    private static final int MAX_REPEATS = 4;

    private ByteBuf head;
    private ByteBuf body;
    private boolean probing;
    private int repeats;

    /** A request of its own, not a repetition. */
    void begin() {
        repeats = 0;
    }

    /** Keeps a request for a connection that needs it. @return whether a small one has to go first, since the proxy will challenge it */
    boolean keep(Line line, ByteBuf plain, ByteBuf content) {
        if (line.proxy() == null) {
            probing = false;
            return false;
        }
        head = plain.copy();
        body = content == null ? null : content.retainedDuplicate();
        probing = content != null && !line.proxy().isReady();
        return probing;
    }

    /** Whether a reply is for this class rather than from the server. @param challenges null unless the status is 407 */
    boolean concerns(List<String> challenges) {
        return head != null && (challenges != null || probing);
    }

    /** Whether the request is worth another try. */
    boolean mayRepeat(Line line, List<String> challenges) {
        return ++repeats <= MAX_REPEATS && (challenges == null || line.proxy().challenged(challenges));
    }

    /** Hands the request over; the body may be null. */
    void giveTo(BiConsumer<ByteBuf, ByteBuf> sender) {
        ByteBuf keptHead = head;
        ByteBuf keptBody = body;
        head = null;
        body = null;
        sender.accept(keptHead, keptBody);
    }

    void forget() {
        if (head != null) {
            head.release();
            ReferenceCountUtil.release(body);
            head = null;
            body = null;
        }
    }
}
