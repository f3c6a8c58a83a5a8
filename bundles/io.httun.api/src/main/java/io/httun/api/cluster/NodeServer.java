// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The tunnel server as its cluster sees it. A service of each server. Thread-safe; no method blocks. */
public interface NodeServer {
    /** The server's number, 1 to 255; 0 for none. */
    int node();

    /** As {@link io.httun.api.tunnel.TunnelService#handle}, for a request that another member has forwarded: it goes no further. */
    CompletionStage<TunnelReply> handleHere(TunnelRequest request);

    /** Who carries requests of other members' sessions from now on; {@link NodeForwarder#NONE} for nobody, as at the start. */
    void forwardBy(NodeForwarder forwarder);

    /** Whether it takes new sessions, and how many it has. */
    DrainStatus drain();

    /**
     * A hash of the configuration of all channels with their secrets, equal at servers with equal channels.
     *
     * @param key without which it tells nothing
     * @return 32 bytes
     */
    byte[] channelsHash(SharedSecret key);

    /** The sessions of all channels of this server. */
    List<SessionStatus> sessions();

    /**
     * Ends a session, with its connections.
     *
     * @param id as in {@link SessionStatus}
     * @return whether there was such a session here
     */
    boolean closeSession(String id);

    /** What administrators have said of channels, here and elsewhere as far as it is known here: one word for each channel. */
    List<ChannelClosure> closures();

    /** Takes what other servers know; what is later holds. */
    void merge(Collection<ChannelClosure> closures);

    /** What each channel has carried at this server, by name. */
    List<ChannelTally> tallies();

    /** What channels have carried at all other servers together, which counts against their quotas. Replaces what was told before. */
    void countOthers(Collection<ChannelTally> others);
}
