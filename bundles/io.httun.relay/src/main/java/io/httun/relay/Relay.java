// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Joins two channels on one event loop. Bytes are handed over as they were read, a side is read only while the other can
 * be written, the end of one side's output becomes the end of the other's, and a failure of one side resets both, so that
 * neither takes what it got for everything.
 */
final class Relay {
    private static final int CHECKS_PER_IDLE_TIME = 4;

    private final RelayEnd client;
    private final RelayEnd target;
    private final BiConsumer<EndCause, String> ended;
    private final long idleMillis;
    private Future<?> idleCheck;
    private long bytesAtCheck;
    private int idleChecks;
    private boolean over;

    /**
     * @param ended told once, on the event loop, why it ended
     * @param idleMillis 0 = may stay without traffic for ever
     */
    Relay(Channel client, Channel target, BiConsumer<EndCause, String> ended, long idleMillis) {
        this.client = new RelayEnd(this, client, "client", EndCause.CLIENT_FAILED);
        this.target = new RelayEnd(this, target, "target", EndCause.TARGET_FAILED);
        this.client.join(this.target);
        this.target.join(this.client);
        this.ended = ended;
        this.idleMillis = idleMillis;
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
        if (idleMillis > 0) {
            long period = Math.max(1, idleMillis / CHECKS_PER_IDLE_TIME);
            idleCheck = client.channel()
                    .eventLoop()
                    .scheduleAtFixedRate(this::checkIdle, period, period, TimeUnit.MILLISECONDS);
        }
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

    long bytesToTarget() {
        return client.bytes();
    }

    long bytesFromTarget() {
        return target.bytes();
    }

    /** Ends both sides with a reset. On the event loop. */
    void fail(EndCause cause, String why) {
        over(cause, why);
        BulkSockets.reset(client.channel());
        BulkSockets.reset(target.channel());
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
            if (idleCheck != null) {
                idleCheck.cancel(false);
            }
        }
    }

    /** Looks at the counts now and then rather than at the clock with every read. */
    private void checkIdle() {
        long bytes = client.bytes() + target.bytes();
        idleChecks = bytes == bytesAtCheck ? idleChecks + 1 : 0;
        bytesAtCheck = bytes;
        if (idleChecks >= CHECKS_PER_IDLE_TIME) {
            String seconds =
                    BigDecimal.valueOf(idleMillis, 3).stripTrailingZeros().toPlainString();
            fail(EndCause.IDLE, "idle for " + seconds + " s");
        }
    }
}
