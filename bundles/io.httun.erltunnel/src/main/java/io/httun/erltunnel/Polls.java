// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import java.util.concurrent.TimeUnit;

/** Times and sizes of the protocol (wire page, section 3). */
final class Polls {
    /** Data bytes of one message; a stock end blocks for good on more. */
    static final int MAX_DATA = 102_400;

    /** Largest body that is taken: a full message with what stands around its bytes. */
    static final int MAX_BODY = 128 << 10;

    /** A message that is as good as full promises another one, which must not wait for the target's silence. */
    static final int BULK = 16 << 10;

    static final long FAST_MILLIS = 10;
    static final long SLOW_MILLIS = 500;

    /** How long a server looks for an answer of the target's before it answers with nothing. */
    static final long HOLD_MILLIS = 100;

    /** How long a server lets a client wait for a target that does not read: below the 30 s after which our client gives up. */
    static final long LONGEST_HOLD_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Data bytes of a message after such a wait: each costs the server this much memory. */
    static final int LEAST_DATA = 4 << 10;

    private Polls() {}
}
