// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.FrameSource;
import io.netty.buffer.ByteBuf;

/** One session that carries IP packets. Confined to its event loop, except {@link #id} and {@link #status}. */
sealed interface PacketCarrier permits StockPackets, ParallelPackets {
    /** Source and sink of the packets. Called on the event loop. */
    interface User {
        /** The packets for the server. */
        FrameSource outgoing();

        /** @param nanos for which packets may wait in any case */
        void patience(long nanos);

        /** Receives a packet from the server. @param packet ownership passes */
        void arrived(ByteBuf packet);

        /**
         * Called after an answer, when all its packets have {@link #arrived}.
         *
         * @param next requests more
         */
        void answered(Runnable next);

        /** Called when the session is lost, or ended by {@link PacketCarrier#stop}. */
        void lost(HttunException cause);

        /** Called once, when nothing is left of the session. */
        void ended();
    }

    /** Starts the requests. */
    void start();

    /** Sends waiting packets. */
    void pump();

    /** Ends the session and informs its user. */
    void lose(HttunException cause);

    /** As {@link #lose}, without waiting for the server. */
    void stop(HttunException cause);

    Counters counters();

    String id();

    SessionStatus status();
}
