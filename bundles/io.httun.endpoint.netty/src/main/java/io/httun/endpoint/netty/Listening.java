// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.toolkit.listen.ListenAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of one address.
 *
 * @param requests since it was configured
 * @param waiting requests that have no answer yet
 */
record Listening(ListenAddress address, LongAdder requests, AtomicInteger waiting) {
    Listening(ListenAddress address) {
        this(address, new LongAdder(), new AtomicInteger());
    }
}
