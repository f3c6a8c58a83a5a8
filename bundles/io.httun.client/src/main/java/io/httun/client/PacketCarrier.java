// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.FrameSource;
import io.netty.buffer.ByteBuf;

/** One session that carries IP packets. Confined to its event loop, but for {@link #id} and {@link #status}. */
sealed interface PacketCarrier permits StockPackets, ParallelPackets {
    /** Whoever has packets and takes them. Called on the event loop. */
    interface User {
        /** Packets for the server. */
        FrameSource outgoing();

        /** @param nanos that they wait in any case */
        void patience(long nanos);

        /** A packet from the server. @param packet the receiver's to release */
        void arrived(ByteBuf packet);

        /**
         * The server has answered, with the packets that have {@link #arrived} or with none.
         *
         * @param next asks for more
         */
        void answered(Runnable next);

        /** The session is lost, or ended by {@link PacketCarrier#stop}. */
        void lost(HttunException cause);

        /** Nothing is left of the session; told once. */
        void ended();
    }

    /** Begins to ask. */
    void start();

    /** There are packets to send. */
    void pump();

    /** Ends the session and tells its user. */
    void lose(HttunException cause);

    /** The same, waiting for nothing. */
    void stop(HttunException cause);

    Counters counters();

    String id();

    SessionStatus status();
}
