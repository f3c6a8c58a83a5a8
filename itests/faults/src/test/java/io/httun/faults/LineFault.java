// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

/** What a proxy between client and server may do to one request and its reply. */
enum LineFault {
    NONE,
    CUT_BEFORE_REQUEST,
    CUT_IN_REQUEST_HEAD,
    CUT_AFTER_REQUEST_HEAD,
    CUT_IN_REQUEST_BODY,
    CUT_AFTER_REQUEST,
    REPLY_LOST,
    CUT_IN_REPLY_HEAD,
    CUT_AFTER_REPLY_HEAD,
    CUT_IN_REPLY_BODY,
    CUT_AFTER_REPLY,
    LATE_REQUEST,
    LATE_REPLY,
    TWICE,
    REPLAYED,
    PAUSE_BEFORE_REQUEST,
    PAUSE_IN_REQUEST,
    PAUSE_BEFORE_REPLY,
    PAUSE_IN_REPLY,
    BYTE_BY_BYTE_REQUEST,
    BYTE_BY_BYTE_REPLY,
    TRUNCATED_REPLY,
    SHORT_LENGTH,
    LONG_LENGTH,
    FOREIGN_FRAME,
    STALE_FRAME,
    SAYS_408(408, false),
    SAYS_429(429, false),
    SAYS_500(500, false),
    SAYS_502(502, false),
    SAYS_503(503, false),
    SAYS_504(504, false),
    SAYS_404(404, false),
    SAYS_302(302, false),
    PAGE(200, false),
    EMPTY(200, false),
    TAKES_AND_SAYS_408(408, true),
    TAKES_AND_SAYS_429(429, true),
    TAKES_AND_SAYS_500(500, true),
    TAKES_AND_SAYS_502(502, true),
    TAKES_AND_SAYS_503(503, true),
    TAKES_AND_SAYS_504(504, true),
    TAKES_AND_SAYS_404(404, true),
    TAKES_AND_SAYS_302(302, true),
    TAKES_AND_PAGE(200, true),
    TAKES_AND_EMPTY(200, true);

    private final int status;
    private final boolean taken;

    LineFault() {
        this(0, true);
    }

    LineFault(int status, boolean taken) {
        this.status = status;
        this.taken = taken;
    }

    /** Said in place of the server's reply; 0 for none. */
    int status() {
        return status;
    }

    /** Whether the proxy says it without a body, as a server of the stock wire says that it took a {@code w}. */
    boolean isEmpty() {
        return this == EMPTY || this == TAKES_AND_EMPTY;
    }

    /** Whether the server gets the request. */
    boolean isTaken() {
        return taken;
    }

    /**
     * Whether a stock end loses bytes by it and neither end can know: a stock server does not repeat a reply, and both
     * stock ends take the status for one that asks to try again.
     */
    boolean isBeyond(Plan.Kind kind, boolean stockClient) {
        if (isEmpty()) {
            return kind != Plan.Kind.INIT;
        }
        if (kind != Plan.Kind.R || !taken) {
            return false;
        }
        return stockClient ? status == 408 || status == 429 || status >= 502 : status == 408 || status == 429;
    }

    boolean isLate() {
        return this == LATE_REQUEST || this == LATE_REPLY;
    }
}
