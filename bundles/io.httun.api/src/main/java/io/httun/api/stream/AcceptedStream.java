// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A connection that came to a port of the server.
 *
 * @param channel as {@link io.httun.api.target.TargetConnector#connect} describes that of a target
 * @param peer who connected, as the server says
 */
public record AcceptedStream(Channel channel, Optional<InetSocketAddress> peer) {}
