// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import java.util.Optional;

/** Says at all servers of a cluster whether a channel is served. A service of each server. Thread-safe; returns at once. */
public interface ClusterChannels {
    /**
     * Closes a channel at all servers, or opens it where their own configurations serve it. It holds here at once, at others within 2 s, or as soon as
     * they are reached. Outside a cluster only what was closed in one is opened.
     *
     * @param channel name
     * @return whether other servers will hear of it
     * @throws io.httun.api.HttunException if 10,000 channels are closed already
     */
    boolean tell(String channel, ChannelClosure.State state);

    /** What was said last of a channel, here or elsewhere; empty if nothing was. */
    Optional<ChannelClosure> closure(String channel);
}
