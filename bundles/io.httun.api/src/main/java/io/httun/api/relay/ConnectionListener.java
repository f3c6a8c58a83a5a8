// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

/** Is told of every connection that has ended. A service, any number of them; the engine calls whichever is there. */
public interface ConnectionListener {
    /** On the connection's event loop: must not block. */
    void ended(ConnectionSummary summary);
}
