// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import java.util.List;

/** The endpoint's own answers: to what never reaches the server because it is not HTTP, too large or too slow. */
final class Replies {
    static final TunnelReply BAD_REQUEST = of(400);
    static final TunnelReply TOO_SLOW = of(408);
    static final TunnelReply BODY_TOO_LARGE = of(413);
    static final TunnelReply EXPECTATION_FAILED = of(417);
    static final TunnelReply HEAD_TOO_LARGE = of(431);
    static final TunnelReply VERSION_NOT_SUPPORTED = of(505);

    private Replies() {}

    private static TunnelReply of(int status) {
        return TunnelReply.bare(status, List.of(TunnelReply.NO_STORE));
    }
}
