// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.function.Consumer;

/** The {@code test} mode of a client channel: what is sent comes back. A service with property {@code name}. */
public interface ChannelTester {
    /**
     * One exchange of a running test.
     *
     * @param exchanges done so far
     * @param roundTrip time of the last exchange
     * @param bytesToServer payload bytes sent so far
     * @param bytesFromServer payload bytes received so far
     * @param elapsed since the test began
     */
    record Progress(long exchanges, Duration roundTrip, long bytesToServer, long bytesFromServer, Duration elapsed) {}

    /**
     * Runs exchanges, one at a time. With a stock server each has about 32 KiB, and bytes are theirs. Between our own ends each has 32 bytes, and
     * without a pause between them bulk runs in both directions beside them.
     *
     * @param period pause between two exchanges; zero for none
     * @param count how many exchanges
     * @param progress called after each exchange, on an event loop: must not block
     * @return succeeds after the last exchange; cancelling it ends the test
     */
    Future<Void> test(Duration period, long count, Consumer<Progress> progress);
}
