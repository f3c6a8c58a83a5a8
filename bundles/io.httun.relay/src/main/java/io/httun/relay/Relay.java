// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Joins two channels on one event loop. Bytes are handed over as they were read, a side is read only while the other can
 * be written, the end of one side's output becomes the end of the other's, and a failure of one side resets both, so that
 * neither takes what it got for everything.
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

    /**
     * @param ended told once, on the event loop, why it ended
     * @param fair of the channels' event loop
     * @param acceptedNanos when the client came, on the event loop's clock
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
        client.closeFuture().addListener(closed -> sideClosed());
        target.closeFuture().addListener(closed -> sideClosed());
    }

    /** What holds from now on; first told before it starts. On the event loop. */
    void under(Limits limits) {
        RelayPolicy policy = limits.policy();
        bytesMax = policy.bytesMax() == 0 ? Long.MAX_VALUE : policy.bytesMax();
        client.limit(limits.to());
        target.limit(limits.from());
        supervision.under(policy);
    }

    /**
     * Starts to relay.
     *
     * @param negotiation handler of the client's channel whose place is taken
     * @param early what the client has sent already; ownership passes
     * @param clientEnded whether the client has already ended its output
     */
    void start(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        client.channel().pipeline().replace(negotiation, "relay", client);
        target.channel().pipeline().addLast("relay", target);
        if (!target.channel().isActive()) {
            early.forEach(ByteBuf::release);
            fail(EndCause.TARGET_FAILED, "the target closed it at once");
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

    /** Whether so many more would be more than the policy allows; ends it if so. */
    boolean isTooMuch(int more) {
        if (bytes() + more <= bytesMax) {
            return false;
        }
        fail(EndCause.BYTES, tooMuch(bytesMax));
        return true;
    }

    static String tooMuch(long most) {
        return "carried the " + most + " bytes that it may";
    }

    /** Whether this end has to wait for its source's turn; {@link RelayEnd#turn} is called when it comes. */
    boolean isOverShare(RelayEnd end, int bytes) {
        return fair.isOver(source, bytes, end);
    }

    /** Ends both sides with a reset. On the event loop. */
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

    /** One end's output is complete; when both are, nothing is left to do. */
    void outputEnded() {
        if (client.isOutputEnded() && target.isOutputEnded()) {
            over(EndCause.COMPLETE, "closed");
            client.channel().close();
            target.channel().close();
        }
    }

    /**
     * One side ended its output and then closed altogether, as a target does whose protocol knows no half-close: the other
     * side gets its last bytes and some time to read them, but nothing that it sends can arrive any more.
     */
    void closedAfterEnd(RelayEnd remaining) {
        over(EndCause.COMPLETE, "closed");
        remaining.discard();
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
