// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Transports the bytes of one {@link CarriedChannel}. Called on the channel's event loop. */
public interface Carriage {
    /**
     * Something may be there for {@link CarriedChannel#take}, or {@link CarriedChannel#isDrained()} may have become true: send it if
     * nothing is on its way. The only place to call {@code take} from; never called within itself.
     */
    void outputReady();

    /** The reader has taken everything that was offered; more may come. */
    void inputWanted();

    /**
     * The channel was closed, whether here, by {@link CarriedChannel#peerEnded} or by {@link CarriedChannel#fail}. What was written before
     * can still be taken; {@link #outputReady} follows.
     *
     * @param aborted the peer must not take what it got for everything; nothing is left to take
     */
    void closed(boolean aborted);

    /** The amount taken and not yet sent, in any unit: a change is progress, however slow. */
    default long unsent() {
        return 0;
    }

    /** For {@link #unsent}: bytes that were written to a connection and that its socket has not taken; on its event loop. */
    static long unsentOn(Channel link) {
        ChannelOutboundBuffer outbound = link == null ? null : link.unsafe().outboundBuffer();
        return outbound == null ? 0 : outbound.totalPendingWriteBytes() - outbound.currentProgress();
    }
}
