// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** What a test lets the stock server do to a request, once; also what a proxy or gateway before it would do. */
public sealed interface Fault {

    /** Answers with this status and text; the frame is not taken. */
    record Status(int code) implements Fault {}

    /** Takes the frame, then answers with this status: a gateway that lost the reply. */
    record LateStatus(int code) implements Fault {}

    /** Closes the connection; the frame is not taken. */
    record Close() implements Fault {}

    /** Takes the frame, then closes the connection without a reply. */
    record DropReply() implements Fault {}

    /** Writes these bytes as the reply, head and body; the frame is not taken. */
    record Raw(byte[] reply) implements Fault {}

    /** Waits this long, then goes on as usual. */
    record Delay(Duration time) implements Fault {}

    /** Waits for the gate to open, then goes on as usual. */
    record Hold(CountDownLatch gate) implements Fault {}

    /** For a {@code w}: acknowledges it, waits for the gate, and only then processes it. */
    record HoldAfterReply(CountDownLatch gate) implements Fault {}
}
