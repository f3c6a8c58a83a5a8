// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.util.concurrent.CompletionStage;

/**
 * The server as endpoints see it: endpoints carry, the server decides. A service. The tunnel server has no further property; another
 * protocol that travels in HTTP requests is mounted beside it under a {@value #PATH} of its own, on every endpoint.
 */
public interface TunnelService {
    /**
     * Service property: where below an endpoint's base path this service is mounted, for example {@code /bridge}. Its
     * requests' {@link TunnelRequest#path()} is what follows.
     */
    String PATH = "path";

    /**
     * Handles a request. Never blocks and never throws for anything that a request can hold.
     *
     * @return completes on any thread, and never exceptionally: at once, or when there is data, after up to 5 s for the tunnel
     *     server's {@code r} and up to 25 s for a mounted service, as endpoints and web servers give up after 30 s. An
     *     endpoint whose peer has gone cancels the stage's future, so that the wait ends
     */
    CompletionStage<TunnelReply> handle(TunnelRequest request);
}
