// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ClusterChannels;
import io.httun.api.config.ConfigException;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.Optional;

/** What is said of a channel to the other servers of a cluster, where there is one. */
public final class ClusterWord {
    private final List<ClusterChannels> servers;

    public ClusterWord(Services services) {
        servers = services.all(ClusterChannels.class);
    }

    /**
     * Says it.
     *
     * @param effect what other servers do, such as {@code refuse it}
     * @return what to add to a sentence for the user; empty where there is no cluster
     */
    public String tell(String channel, ChannelClosure.State state, String effect) {
        boolean told = false;
        for (ClusterChannels server : servers) {
            told |= server.tell(channel, state);
        }
        return told ? "; the other servers of the cluster " + effect + " within 2 s" : "";
    }

    /** Where a channel was closed; empty unless it is. */
    public Optional<ChannelClosure> closed(String channel) {
        return servers.stream()
                .flatMap(server -> server.closure(channel).stream())
                .filter(ChannelClosure::isClosed)
                .findFirst();
    }

    /** @throws ConfigException if a new channel of this name would be refused */
    void checkNew(String channel) {
        closed(channel).ifPresent(closure -> {
            throw new ConfigException("A channel named " + channel + " was " + closure.text() + ", and servers of the"
                    + " cluster may still have its secret: take another name; or delete it at all servers, then"
                    + " httun:channel-enable " + channel + ", and try again");
        });
    }
}
