// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import java.util.List;

/** One login scheme on one connection. */
interface LoginScheme {
    /** Value of the header for one request; empty for none. */
    String authorization(String method, String uri);

    /** Whether the next request completes the login. */
    default boolean isReady() {
        return true;
    }

    /** Handles further challenges of the proxy; returns whether the scheme continues. */
    boolean goesOn(List<ProxyChallenge> challenges);
}
