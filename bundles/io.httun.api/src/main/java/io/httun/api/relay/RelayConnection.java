// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.util.List;

/**
 * One inbound channel from its first byte to its end. To be used on its event loop, but for {@link #end} and
 * {@link #status()}. Its end needs no call: the books close when the inbound channel does, and an attempt to connect is
 * given up then.
 */
public interface RelayConnection {
    /** Told once, on the connection's event loop, unless the inbound channel closes first. */
    interface Opening {
        /**
         * There is a connection to the target. Tell the peer, then call {@link RelayConnection#relay}.
         *
         * @param target already noted; a caller that wants to speak with the target first may, before it relays
         */
        void opened(Channel target);

        /** There will be none, and that is noted already. Tell the peer and close the inbound channel. */
        void refused(RefusedException.Cause cause);
    }

    /** Random; the same in every log line about this connection. */
    String id();

    /** Notes who has logged in; the user's policy holds from now on. */
    void user(String name);

    /** Notes the proxies that the request has been through, see {@link io.httun.api.target.RequestContext#via()}. */
    void via(String path);

    /** Asks the gate, then the connector, within the policy's time to connect. */
    void open(Target wanted, Opening opening);

    /**
     * Takes a target's channel that is there already, without the gate and the connector; {@link #relay} may follow.
     *
     * @param shown what stands for it in status
     */
    void connected(Target shown, Channel target);

    /** Notes where datagrams go that have only one target. {@link #open} does it itself. */
    void wanted(Target target);

    /**
     * Opens a way for datagrams rather than to one target, as {@link #open} does, and holds it to the policy as {@link #watch}
     * does: what exceeds a rate is lost. What is sent has to be admitted. Shown as {@code associated}.
     */
    void openDatagrams(Opening opening);

    /**
     * Asks the gate for a target of datagrams, with what is known of this connection and the filters that its listener has now. A
     * name stays a name, without an address, where the connector takes names.
     *
     * @return as {@link io.httun.api.target.TargetAdmission#admit}, on the connection's event loop
     */
    Future<Target> admit(Target wanted);

    /** Names of the filters that {@link #admit} asks; an answer is outdated when they change. */
    List<String> filters();

    /** Notes that this connection carries others, each with books of its own. Shown as {@code multiplexed}. */
    void multiplexed();

    /**
     * Notes that this connection will not be made, for instance because its peer spoke nonsense. The caller tells the peer
     * and closes the channel.
     *
     * @param why one of few fixed texts, for the log and the shell
     */
    void refuse(EndCause cause, String why);

    /**
     * Joins the inbound channel with the target that was opened, under the policy.
     *
     * @param negotiation handler of the inbound channel whose place the relay takes; the handlers in front of it stay, and
     *     must hand on and take {@link ByteBuf}s
     * @param early what the peer has sent already; ownership passes
     * @param clientEnded whether the peer has already ended its output
     */
    void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded);

    /**
     * Holds a target that the caller speaks with itself, rather than relaying, to the policy, and counts what it carries. While it
     * has to wait the target is not read, whatever {@code autoRead} is set to, or does not look writable. In
     * {@link Opening#opened}, before other handlers are added. May be called again when another target has been opened, which
     * goes on under the same policy, and {@link #relay} may follow.
     */
    void watch(Channel target);

    /** Ends it now with a reset of both sides; on any thread. Only the first cause counts. */
    void end(EndCause cause, String detail);

    ConnectionStatus status();
}
