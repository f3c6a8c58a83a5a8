// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Who wants a connection, as far as that is known. Filters may judge by it; it is not for logs.
 *
 * @param user who has logged in; empty for nobody
 * @param source where the request comes from
 * @param via the proxies that it has been through, this process among them, as in HTTP's {@code Via} (RFC 9110 section
 *     7.6.3); empty where nobody said
 */
public record RequestContext(String user, Optional<InetAddress> source, String via) {
    /** Nothing is known. */
    public static final RequestContext NOBODY = new RequestContext("", Optional.empty());

    public RequestContext(String user, Optional<InetAddress> source) {
        this(user, source, "");
    }

    /** Says nothing: this is about people. */
    @Override
    public String toString() {
        return "RequestContext";
    }
}
