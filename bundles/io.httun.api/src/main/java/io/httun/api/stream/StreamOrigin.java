// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.httun.api.relay.RelayOrigin;
import java.util.List;

/**
 * Where a pipe's streams belong at the server.
 *
 * @param relay takes each connection through filters, connector and policy
 * @param source the client's address for limits per source, empty where it is not known; not for logs
 * @param reverse where the client may listen at the server
 * @param test whether the client may have its bytes sent back
 */
public record StreamOrigin(RelayOrigin relay, String source, List<ListenRule> reverse, boolean test) {
    /** Its client may listen nowhere, and not test. */
    public StreamOrigin(RelayOrigin relay, String source) {
        this(relay, source, List.of(), false);
    }
}
