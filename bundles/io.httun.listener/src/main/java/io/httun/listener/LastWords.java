// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.OutputEnd;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The end of a channel whose peer has yet to read why. */
final class LastWords {
    /** How long the peer may take for that before the channel is closed under it. */
    private static final int LINGER_SECONDS = 2;

    private LastWords() {}

    /**
     * Ends the output and reads on for a while: closing a socket with unread bytes resets it, and the peer might lose the
     * answer. Whoever reads drops what comes, and closes the channel at its end.
     *
     * @param answer completes when it is written
     * @param inputEnded whether the peer has ended its output already, asked then
     */
    static void closeAfter(Future<?> answer, Channel channel, BooleanSupplier inputEnded) {
        answer.addListener(written -> {
            if (inputEnded.getAsBoolean() || !written.isSuccess()) {
                channel.close();
            } else if (channel.isOpen()) {
                endOutput(channel);
                channel.config().setAutoRead(true);
                Future<?> end = channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
                channel.closeFuture().addListener(closed -> end.cancel(false));
            }
        });
    }

    private static void endOutput(Channel channel) {
        OutputEnd end = channel.attr(OutputEnd.KEY).get();
        if (end != null) {
            end.end(channel);
        } else if (channel instanceof SocketChannel socket) {
            socket.shutdownOutput();
        }
    }
}
