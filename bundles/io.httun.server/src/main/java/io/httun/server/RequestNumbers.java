// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.AntiReplayWindow;
import io.httun.protocol.SequenceType;

/** The sequence numbers of a client with parallel requests, in any order and each once. Thread-safe. */
final class RequestNumbers {
    private final AntiReplayWindow writes = new AntiReplayWindow(SequenceType.B);
    private final AntiReplayWindow reads = new AntiReplayWindow(SequenceType.C);

    synchronized boolean isNewWrite(long sequence) {
        return writes.accepts(sequence);
    }

    synchronized void takeWrite(long sequence) {
        writes.take(sequence);
    }

    /** Returns false if it was taken before. */
    synchronized boolean takeRead(long sequence) {
        return reads.take(sequence);
    }
}
