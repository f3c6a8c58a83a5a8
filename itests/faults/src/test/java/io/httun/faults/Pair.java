// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import java.io.Closeable;
import java.io.IOException;

/** A client and a server with a relay between them. */
interface Pair extends Closeable {
    FaultyRelay relay();

    /** @throws Pattern.WrongBytes where {@link Transfer#run} does */
    Outcome transfer(Order order);

    /** What transfers ended at. */
    ByteTarget target();

    @Override
    void close() throws IOException;
}
