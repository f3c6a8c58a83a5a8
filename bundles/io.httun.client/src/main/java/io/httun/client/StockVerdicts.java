// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** The meaning of replies on the stock wire ({@code wire/httun.md} section 1), where the server sends data once and accepts a frame once. */
final class StockVerdicts {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;

    private StockVerdicts() {}

    /** Judges a complete reply to a {@code w}. @param page whether it has a body @param comeAgain as {@link Retry#pause(int, boolean, long)} */
    static Verdict written(int status, boolean page, long comeAgain) {
        if (status == OK) {
            // A page comes from a proxy: the frame may not have arrived at the server.
            return page ? Verdict.AGAIN_LATER : Verdict.DONE;
        }
        if (status == REQUEST_TIMEOUT) {
            return Verdict.AGAIN_AT_ONCE;
        }
        return comeAgain >= 0 ? Verdict.AGAIN_LATER : Verdict.LOST;
    }

    /** Judges a complete reply to an {@code r}. @param body whether a 200 has one */
    static Verdict read(int status, boolean body) {
        if (status == OK) {
            return body ? Verdict.DONE : Verdict.EMPTY;
        }
        if (status == REQUEST_TIMEOUT) {
            return Verdict.EMPTY;
        }
        // A gateway that answers 502, 503 or 504 may have lost a reply, which the server does not repeat.
        return status == TOO_MANY_REQUESTS ? Verdict.AGAIN_LATER : Verdict.LOST;
    }

    /** Judges a request without a complete reply: the server would refuse a frame that it has, and does not repeat a lost reply. */
    static Verdict failed(HttpLink.Failure failure) {
        return failure == HttpLink.Failure.NOT_SENT ? Verdict.AGAIN_LATER : Verdict.LOST;
    }
}
