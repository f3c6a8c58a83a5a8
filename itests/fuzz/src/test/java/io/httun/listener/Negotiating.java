// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.login.LoginLimiter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.util.function.Function;

/** A negotiation with a client that may say anything; every target is refused. */
final class Negotiating {
    private static final ListenerParts PARTS = new ListenerParts(() -> null, null, null, null);

    private Negotiating() {}

    static void say(byte[] input, ListenerSettings settings, Function<ListenerClient, Negotiation> kind) {
        EmbeddedChannel channel = new EmbeddedChannel(negotiation(settings, kind));
        int half = input.length / 2;
        write(channel, Unpooled.copiedBuffer(input, 0, half));
        write(channel, Unpooled.copiedBuffer(input, half, input.length - half));
        channel.releaseOutbound();
        channel.finishAndReleaseAll();
    }

    private static Negotiation negotiation(ListenerSettings settings, Function<ListenerClient, Negotiation> kind) {
        return kind.apply(new ListenerClient(
                connection(),
                "192.0.2.1",
                settings,
                PARTS,
                new LoginLimiter(),
                () -> {},
                () -> null,
                stream -> negotiation(settings, kind)));
    }

    private static void write(EmbeddedChannel channel, ByteBuf bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(bytes);
            channel.runPendingTasks();
        } else {
            bytes.release();
        }
    }

    /** Fails the test when the negotiation says that it is broken, since only it can be to blame here. */
    private static RelayConnection connection() {
        return (RelayConnection) Proxy.newProxyInstance(
                Negotiating.class.getClassLoader(),
                new Class<?>[] {RelayConnection.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        ((RelayConnection.Opening) arguments[1]).refused(Cause.DENIED);
                    } else if (method.getName().equals("refuse") && arguments[1].equals("internal error")) {
                        throw new AssertionError(arguments[1]);
                    }
                    return null;
                });
    }
}
