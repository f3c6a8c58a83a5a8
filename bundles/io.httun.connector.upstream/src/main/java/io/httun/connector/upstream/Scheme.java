// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.util.List;

/** One way of logging in, on one connection. */
interface Scheme {
    /** Value of the header for one request; empty for none. */
    String authorization(String method, String uri);

    /** Whether the next request may be taken for good. */
    default boolean isReady() {
        return true;
    }

    /** Whether the proxy's further challenges are answered by going on with this scheme, which takes note of them. */
    boolean goesOn(List<Challenge> challenges);
}
