// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;
import java.util.Optional;

/** Where a stock end takes IP packets from and leaves them, one at a time: a TUN device, or what a test puts in its place. */
public interface StockDevice {

    /** The next packet; empty when none came in time. */
    Optional<byte[]> read(Duration timeout) throws InterruptedException;

    void write(byte[] packet);
}
