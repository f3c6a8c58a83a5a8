// SPDX-License-Identifier: Apache-2.0
package io.httun.api.proxy;

import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Optional;

/** A connector whose way may lead through an HTTP proxy which forwards plain requests, so that no tunnel through it is needed. */
public interface ForwardingConnector extends TargetConnector {
    /**
     * Where requests for a target can be sent.
     *
     * @param channel connected as by {@link #connect}
     * @param proxy there if requests must be in absolute form (RFC 9112 section 3.2.2), since a proxy takes them; otherwise the channel
     *     leads to the target itself
     */
    record Forwarding(Channel channel, Optional<ProxyConversation> proxy) {}

    /** As {@link #connect}, but stops at the last proxy of the way where that one forwards HTTP. Fails with {@link RefusedException}. */
    Future<Forwarding> forward(Target target, EventLoop loop);
}
