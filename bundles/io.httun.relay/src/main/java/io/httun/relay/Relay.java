// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Joins two channels on one event loop. Bytes are written in the pieces in which they were read. A side is read only
 * while the other side is writable. The end of one side's output becomes the end of the other's. A failure of one
 * side resets both, so that neither mistakes partial data for complete data.
 */
final class Relay implements Supervision.Supervised {
    private final RelayEnd client;
    private final RelayEnd target;
    private final BiConsumer<EndCause, String> ended;
    private final FairLoop fair;
    private final FairLoop.Source source;
    private final Supervision supervision;
    private long bytesMax = Long.MAX_VALUE;
    private int openSides = 2;
    private boolean over;
    private boolean broken;

    /**
     * @param ended called once, on the event loop, with the cause of the end
     * @param acceptedNanos time of accept, on the event loop's clock
     */
    Relay(
            Channel client,
            Channel target,
            BiConsumer<EndCause, String> ended,
            FairLoop fair,
            String source,
            long acceptedNanos) {
        this.fair = fair;
        this.source = fair.join(source);
        this.client = new RelayEnd(this, client, "client", EndCause.CLIENT_FAILED);
        this.target = new RelayEnd(this, target, "target", EndCause.TARGET_FAILED);
        this.client.join(this.target);
        this.target.join(this.client);
        this.ended = ended;
        this.supervision = new Supervision(this, client.eventLoop(), acceptedNanos);
        // A target that closes with unread input resets the connection after its answer: the answer must still be
        // read.
        client.config().setAutoClose(false);
        target.config().setAutoClose(false);
        client.closeFuture().addListener(closed -> sideClosed());
        target.closeFuture().addListener(closed -> sideClosed());
    }

    /** Applies new limits; first called before the start. On the event loop. */
    void under(RelayLimits limits) {
        RelayPolicy policy = limits.policy();
        bytesMax = policy.bytesMax() == 0 ? Long.MAX_VALUE : policy.bytesMax();
        client.limit(limits.to());
        target.limit(limits.from());
        supervision.under(policy);
    }

    /**
     * Starts relaying.
     *
     * @param negotiation handler of the client's channel that the relay replaces
     * @param early bytes that the client has already sent; takes ownership
     * @param clientEnded whether the client has already ended its output
     */
    void start(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        client.channel().pipeline().replace(negotiation, "relay", client);
        target.channel().pipeline().addLast("relay", target);
        if (!target.channel().isActive()) {
            early.forEach(ByteBuf::release);
            fail(EndCause.TARGET_FAILED, "the target closed the connection immediately");
            return;
        }
        if (!early.isEmpty()) {
            early.forEach(client::take);
            client.pushed();
        }
        if (clientEnded) {
            client.inputEnded();
        } else {
            client.resume();
        }
        target.resume();
    }

    RelayEnd client() {
        return client;
    }

    RelayEnd target() {
        return target;
    }

    @Override
    public long bytes() {
        return client.bytes() + target.bytes();
    }

    @Override
    public long waiting() {
        return client.waiting() + target.waiting();
    }

    /** Returns true if these bytes exceed the policy, and then ends the relay. */
    boolean isTooMuch(int more) {
        if (bytes() + more <= bytesMax) {
            return false;
        }
        fail(EndCause.BYTES, tooMuch(bytesMax));
        return true;
    }

    static String tooMuch(long most) {
        return "reached the limit of " + most + " bytes";
    }

    /** Returns true if this end must wait for its source's turn; {@link RelayEnd#turn} is called at that turn. */
    boolean isOverShare(RelayEnd end, int bytes) {
        return fair.isOver(source, bytes, end);
    }

    /**
     * Handles a failed write to one side.
     *
     * @return true if input of this side must still be relayed; false if the relay has ended
     */
    boolean keepsReading(RelayEnd end, String why) {
        if (end == client) {
            fail(end.failure(), why);
            return false;
        }
        over(end.failure(), why);
        broken = true;
        return true;
    }

    /** Handles a reset of one side: delivers the target's earlier bytes first. */
    void failed(RelayEnd end, String why) {
        if (end == client || target.bytes() == 0 || !client.channel().isActive()) {
            fail(end.failure(), why);
            return;
        }
        over(end.failure(), why);
        supervision.stop();
        client.drop();
        target.drop();
        BulkSockets.reset(target.channel());
        client.output().flushThenReset();
    }

    /** Resets both sides. On the event loop. */
    @Override
    public void fail(EndCause cause, String why) {
        over(cause, why);
        supervision.stop();
        client.drop();
        target.drop();
        BulkSockets.reset(client.channel());
        BulkSockets.reset(target.channel());
    }

    void inputEnded() {
        supervision.halfClosed();
    }

    /** Called when one output is complete; closes both channels when both are. */
    void outputEnded() {
        if (client.output().isEnded() && target.output().isEnded()) {
            over(EndCause.COMPLETE, "closed");
            target.channel().close();
            if (broken) {
                client.endIfDone();
            } else {
                client.channel().close();
            }
        }
    }

    /**
     * Handles a close after the end of the output, as of a protocol without half-close. The remaining side receives
     * its last bytes and time to read them; its further output is discarded.
     */
    void closedAfterEnd(RelayEnd remaining) {
        over(EndCause.COMPLETE, "closed");
        remaining.discard();
        if (remaining == target) {
            target.output().resetWhenStuck();
        }
    }

    boolean isOver() {
        return over;
    }

    private void over(EndCause cause, String why) {
        if (!over) {
            over = true;
            ended.accept(cause, why);
        }
    }

    private void sideClosed() {
        openSides--;
        if (openSides == 0) {
            supervision.stop();
            fair.leave(source);
            client.drop();
            target.drop();
        }
    }
}
