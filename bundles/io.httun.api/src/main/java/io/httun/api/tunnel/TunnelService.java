// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.util.concurrent.CompletionStage;

/** The server as endpoints see it: endpoints carry, the server decides. A service. */
public interface TunnelService {
    /**
     * Handles a request. Never blocks and never throws for anything that a request can hold.
     *
     * @return completes on any thread, at once or after up to 5 s (an {@code r} that waits for data), and never
     *     exceptionally. An endpoint whose peer has gone cancels the stage's future, so that the wait ends
     */
    CompletionStage<TunnelReply> handle(TunnelRequest request);
}
