// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** What replies of the stock wire mean ({@code wire/httun.md} section 1): everything is said once, and no frame is taken twice. */
final class StockVerdicts {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;

    private StockVerdicts() {}

    /** Judges a complete reply to a {@code w}. @param page whether it has a body @param comeAgain as {@link Retry#pause(int, boolean, long)} */
    static Verdict written(int status, boolean page, long comeAgain) {
        if (status == OK) {
            // With a page, something before the server has answered, and the frame may not have arrived.
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
        // A gateway that says 502, 503 or 504 may have lost a reply, which is not repeated.
        return status == TOO_MANY_REQUESTS ? Verdict.AGAIN_LATER : Verdict.LOST;
    }

    /** Judges a request without a complete reply: a server would refuse a frame that it took, and does not repeat a reply that got lost. */
    static Verdict failed(HttpLink.Failure failure) {
        return failure == HttpLink.Failure.NOT_SENT ? Verdict.AGAIN_LATER : Verdict.LOST;
    }
}
