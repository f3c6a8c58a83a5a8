// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Who wants a connection, as far as that is known. Filters may judge by it; it is not for logs.
 *
 * @param user who has logged in; empty for nobody
 * @param source where the request comes from
 */
public record RequestContext(String user, Optional<InetAddress> source) {
    /** Nothing is known. */
    public static final RequestContext NOBODY = new RequestContext("", Optional.empty());

    /** Says nothing: this is about people. */
    @Override
    public String toString() {
        return "RequestContext";
    }
}
