// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Keeps the pending request to a forwarding proxy in its original form, to repeat it after the proxy has requested a login. On other
 * connections it keeps nothing. Confined to its event loop.
 */
final class ProxyRepeat {
    /** NTLM and Negotiate take three requests; the fourth replaces one on a closed connection. */
    private static final int MAX_REPEATS = 4;

    private ByteBuf head;
    private ByteBuf body;
    private boolean probing;
    private int repeats;

    /** Starts with a new request. */
    void begin() {
        repeats = 0;
    }

    /** Keeps a request if the connection needs it. @return whether to send a small one first, because the proxy will challenge it */
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

    /** Whether a reply is part of the login to the proxy. @param challenges null unless the status is 407 */
    boolean concerns(List<String> challenges) {
        return head != null && (challenges != null || probing);
    }

    /** Whether the request may be repeated. */
    boolean mayRepeat(Line line, List<String> challenges) {
        return ++repeats <= MAX_REPEATS && (challenges == null || line.proxy().challenged(challenges));
    }

    /** Passes the request on; the body may be null. */
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
