// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ClusterChannels;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The server's {@link ChannelClosures} as a service. */
@Component
public final class ClusterChannelsComponent implements ClusterChannels {
    private final TunnelServer server;

    @Activate
    public ClusterChannelsComponent(@Reference TunnelServer server) {
        this.server = server;
    }

    @Override
    public boolean tell(String channel, ChannelClosure.State state) {
        boolean clustered = server.router().isClustered();
        boolean open = state == ChannelClosure.State.OPEN;
        if (open ? closure(channel).isPresent() : clustered) {
            server.closures().say(channel, state, server.node());
        }
        return clustered;
    }

    @Override
    public Optional<ChannelClosure> closure(String channel) {
        return server.closures().of(channel);
    }
}
