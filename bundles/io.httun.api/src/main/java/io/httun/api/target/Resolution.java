// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/**
 * Addresses of a name as they come in, so that a connection need not wait for the slower family (RFC 8305 section 3).
 *
 * @param first some of them, best first; at least one
 * @param rest those that came too late for that; succeeds with none where there are no more, and never fails
 */
public record Resolution(List<InetAddress> first, Future<List<InetAddress>> rest) {
    public Resolution {
        first = List.copyOf(first);
    }
}
