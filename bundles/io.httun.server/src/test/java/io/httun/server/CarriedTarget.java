// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A connector whose connection is not a socket, and the target at its other end. */
final class CarriedTarget implements TargetConnector, Carriage {
    private final CompletableFuture<CarriedChannel> made = new CompletableFuture<>();
    private final StringBuilder received = new StringBuilder();
    private volatile boolean taking = true;

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        CarriedChannel channel = new CarriedChannel(
                CarriedChannel.Side.CLIENT, InetSocketAddress.createUnresolved(target.host(), target.port()), this);
        loop.register(channel).addListener(done -> {
            promise.trySuccess(channel);
            made.complete(channel);
        });
        return promise;
    }

    /** The connection, once there is one. */
    CarriedChannel channel() {
        return made.join();
    }

    /** Whether it reads what it is sent. */
    void take(boolean some) {
        taking = some;
        on(CarriedChannel::kick);
    }

    void say(String text) {
        on(channel -> {
            channel.offer(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
            channel.offerComplete();
        });
    }

    void on(Consumer<CarriedChannel> step) {
        channel().eventLoop().execute(() -> step.accept(channel()));
    }

    synchronized String received() {
        return received.toString();
    }

    @Override
    public void outputReady() {
        if (taking) {
            channel().take(Integer.MAX_VALUE, this::append);
        }
    }

    private synchronized void append(ByteBuf bytes) {
        received.append(bytes.toString(StandardCharsets.US_ASCII));
        bytes.release();
    }

    @Override
    public void inputWanted() {
        // This target sends without being asked.
    }

    @Override
    public void closed(boolean aborted) {
        // The relay knows.
    }
}
