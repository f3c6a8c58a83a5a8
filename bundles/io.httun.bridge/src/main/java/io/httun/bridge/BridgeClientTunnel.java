// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.Opening;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One connection at the client: a loop of GETs and one of PUTs, each on its own kept connection. On one event loop. */
final class BridgeClientTunnel implements Carriage, CarriedClient.Tunnel {
    /** Fewer than an endpoint of ours takes at once. */
    private static final int MAX_PUT = 512 << 10;

    /** While the target reads slowly: each PUT whose answer is held back costs the server this much memory. */
    private static final int LEAST_PUT = 4 << 10;

    /** An answer to PUT that takes as long was held back. */
    private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Below the least {@code idle.seconds} of a server. */
    private static final int KEEP_ALIVE_SECONDS = 5;

    private static final int CLOSE_SECONDS = 5;

    private final BridgeConnectorSettings settings;
    private final Opening<BridgeConnectorSettings> opening;
    private final Target target;
    private final CarriedChannel channel;
    private final ClientLink up;
    private final ClientLink down;
    private Future<?> keepAlive;
    private int putBytes = MAX_PUT;
    private boolean opened;
    private boolean over;
    /** The server has no such connection any more. */
    private boolean gone;
    /** The target has closed: nothing arrives there any more. */
    private boolean unsendable;

    BridgeClientTunnel(Opening<BridgeConnectorSettings> opening, Target target) {
        this.settings = opening.settings();
        this.target = target;
        this.opening = opening;
        this.channel = new CarriedChannel(
                CarriedChannel.Side.CLIENT, InetSocketAddress.createUnresolved(target.host(), target.port()), this);
        String id = UUID.randomUUID().toString();
        this.up = new ClientLink(opening, id);
        this.down = new ClientLink(opening, id);
        opening.loop().register(channel);
    }

    @Override
    public CarriedChannel channel() {
        return channel;
    }

    @Override
    public void start() {
        ByteBuf body = Unpooled.copiedBuffer(target.toString(), StandardCharsets.US_ASCII);
        up.send("POST", List.of(body), body.readableBytes(), settings.connectSeconds(), new Reply() {
            @Override
            public void done(int status, String text) {
                connected(status, text);
            }
        });
    }

    private void connected(int status, String text) {
        if (status == 201) {
            opened = true;
            if (opening.succeed(channel)) {
                keepAlive = opening.loop()
                        .scheduleAtFixedRate(this::keepAlive, KEEP_ALIVE_SECONDS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
                ask();
            }
        } else if (status == 406) {
            refuse(new RefusedException(Cause.CONNECTION_REFUSED, settings.route() + ": " + target + ": " + text));
        } else {
            refuse(new RefusedException(
                    Cause.FAILED, settings.route() + ": the server answered " + status + " to POST"));
        }
    }

    private abstract class Reply implements ClientLink.Answer {
        @Override
        public void data(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void failed(RefusedException why) {
            refuse(why);
        }
    }

    private void refuse(RefusedException why) {
        opening.fail(channel, why);
    }

    // Down

    private void ask() {
        if (over || gone || down.isBusy()) {
            return;
        }
        down.send("GET", List.of(), -1, settings.answerSeconds(), new Reply() {
            @Override
            public void data(ByteBuf bytes) {
                channel.offer(bytes);
                channel.offerComplete();
                // An answer that is not read to its end would look like a connection that does not move.
                if (!channel.hasReserve()) {
                    down.reading(false);
                }
            }

            @Override
            public void done(int status, String text) {
                answered(status);
            }
        });
    }

    private void answered(int status) {
        switch (status) {
            case 200, 204 -> {
                if (!channel.isFull()) {
                    ask();
                }
            }
            case 410 -> {
                gone = true;
                channel.peerEnded();
            }
            case 404 -> {
                gone = true;
                if (unsendable) {
                    channel.peerEnded();
                    return;
                }
                refuse(new RefusedException(
                        Cause.FAILED, settings.route() + ": the server does not know this connection any more"));
            }
            default ->
                refuse(new RefusedException(
                        Cause.FAILED, settings.route() + ": the server answered " + status + " to GET"));
        }
    }

    @Override
    public void inputWanted() {
        if (opened) {
            down.reading(true);
            ask();
        }
    }

    // Up

    /** While the application does not read, nothing else tells the server that it is still there. */
    private void keepAlive() {
        if (channel.isFull() && !over && !gone && !unsendable && !up.isBusy()) {
            put(List.of(), 0);
        }
    }

    @Override
    public void outputReady() {
        if (!opened || over || up.isBusy()) {
            return;
        }
        if (gone || unsendable) {
            channel.take(Integer.MAX_VALUE, ByteBuf::release);
        } else if (channel.hasOutput()) {
            put();
        }
        if (channel.isDrained() && !up.isBusy()) {
            delete();
        }
    }

    private void put() {
        List<ByteBuf> body = new ArrayList<>();
        int length = channel.take(putBytes, body::add);
        if (length > 0) {
            put(body, length);
        }
    }

    /** @param body ownership passes */
    private void put(List<ByteBuf> body, int length) {
        long begun = System.nanoTime();
        up.send("PUT", body, length, settings.answerSeconds(), new Reply() {
            @Override
            public void done(int status, String text) {
                boolean held = System.nanoTime() - begun > HELD_NANOS;
                putBytes = held ? LEAST_PUT : Math.min(MAX_PUT, 2 * putBytes);
                if (status == 410) {
                    // What the target sent before it closed still comes by GET.
                    unsendable = true;
                } else if (status != 200) {
                    refuse(new RefusedException(
                            Cause.FAILED, settings.route() + ": the server answered " + status + " to PUT"));
                }
                channel.kick();
            }
        });
    }

    private void delete() {
        over = true;
        down.close();
        if (gone) {
            up.close();
            return;
        }
        up.send("DELETE", List.of(), -1, CLOSE_SECONDS, new ClientLink.Answer() {
            @Override
            public void data(ByteBuf bytes) {
                bytes.release();
            }

            @Override
            public void done(int status, String text) {
                up.close();
            }

            @Override
            public void failed(RefusedException why) {
                up.close();
            }
        });
    }

    @Override
    public void closed(boolean aborted) {
        if (keepAlive != null) {
            keepAlive.cancel(false);
        }
        if (!opened) {
            over = true;
            up.close();
            down.close();
        } else if (aborted) {
            up.abandon();
        } else {
            channel.whenStuck(settings.answerSeconds(), this::giveUp);
        }
    }

    @Override
    public long unsent() {
        return up.unsent();
    }

    private void giveUp() {
        if (!over) {
            channel.dropTail();
            up.abandon();
            channel.kick();
        }
    }
}
