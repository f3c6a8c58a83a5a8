// SPDX-License-Identifier: Apache-2.0
package io.httun.api.listen;

import java.net.SocketAddress;

/** Where this process listens for connections that it carries on, so that none is carried back into it for ever. Thread-safe. */
public interface OwnListeners {
    /** Something listens there from now on. */
    void add(SocketAddress bound);

    /** Nothing listens there any more. */
    void remove(SocketAddress bound);

    /**
     * Whether a connection leads there.
     *
     * @param remote its other end, asked when it is made, so that no alias of a name or of an address hides it
     */
    boolean contain(SocketAddress remote);
}
