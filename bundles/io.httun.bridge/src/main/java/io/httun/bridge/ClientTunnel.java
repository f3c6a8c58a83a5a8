// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.carried.Carriage;
import io.httun.api.carried.CarriedChannel;
import io.httun.api.carried.CarriedConnector;
import io.httun.api.carried.Opening;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One connection at the client: a loop of GETs and one of PUTs, each on its own kept connection. On one event loop. */
final class ClientTunnel implements Carriage, CarriedConnector.Tunnel {
    /** Fewer than an endpoint of ours takes at once. */
    private static final int MAX_PUT = 512 << 10;

    private static final int CLOSE_SECONDS = 5;

    private final ClientSettings settings;
    private final Opening<ClientSettings> opening;
    private final Target target;
    private final CarriedChannel channel;
    private final ClientLink up;
    private final ClientLink down;
    private boolean opened;
    private boolean over;
    /** The server has no such connection any more. */
    private boolean gone;
    /** The target has closed: nothing arrives there any more. */
    private boolean unsendable;

    ClientTunnel(Opening<ClientSettings> opening, Target target) {
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
                ask();
            }
        } else if (status == 406) {
            refuse(new RefusedException(Cause.CONNECTION_REFUSED, settings.route() + ": " + target + ": " + text));
        } else {
            refuse(new RefusedException(Cause.FAILED, settings.route() + ": it answered " + status + " to POST"));
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
                if (channel.isFull()) {
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
                refuse(new RefusedException(Cause.FAILED, settings.route() + ": it knows this connection no more"));
            }
            default ->
                refuse(new RefusedException(Cause.FAILED, settings.route() + ": it answered " + status + " to GET"));
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
        int length = channel.take(MAX_PUT, body::add);
        if (length == 0) {
            return;
        }
        up.send("PUT", body, length, settings.answerSeconds(), new Reply() {
            @Override
            public void done(int status, String text) {
                if (status == 410) {
                    // What the target sent before it closed still comes by GET.
                    unsendable = true;
                } else if (status != 200) {
                    refuse(new RefusedException(
                            Cause.FAILED, settings.route() + ": it answered " + status + " to PUT"));
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

    private void giveUp() {
        if (!over) {
            channel.dropTail();
            up.abandon();
            channel.kick();
        }
    }
}
