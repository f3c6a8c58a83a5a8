// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.Opening;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One tunnel at the client: its POST, its GET and the channel that they carry. On one event loop. */
final class GnuHttptunnelClientTunnel implements Carriage, CarriedClient.Tunnel {
    private static final long CHECK_MILLIS = 250;
    private static final int STUCK_SECONDS = 20;

    private final GnuHttptunnelConnectorSettings settings;
    private final EventLoop loop;
    private final Opening<GnuHttptunnelConnectorSettings> opening;
    private final Runnable left;
    private final CarriedChannel channel;
    private final Receiver receiver;
    private final Sender sender;
    private final Future<?> check;
    private Response post;
    private Response get;
    private boolean getAnswered;
    private boolean dialling;
    private boolean opened;
    private boolean over;

    /** @param left told when the server has been told the last, and another tunnel may begin */
    GnuHttptunnelClientTunnel(Opening<GnuHttptunnelConnectorSettings> opening, Target target, Runnable left) {
        this.settings = opening.settings();
        this.loop = opening.loop();
        this.opening = opening;
        this.left = left;
        this.channel = new CarriedChannel(
                CarriedChannel.Side.CLIENT, InetSocketAddress.createUnresolved(target.host(), target.port()), this);
        this.receiver = new Receiver(channel);
        this.sender = new Sender(
                channel, settings.contentLength(), settings.route().proxy().isEmpty());
        loop.register(channel);
        this.check = loop.scheduleAtFixedRate(this::check, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
        Future<?> limit = loop.schedule(
                () -> refuse(Cause.TIMED_OUT, "no answer within " + settings.connectSeconds() + " s"),
                settings.connectSeconds(),
                TimeUnit.SECONDS);
        opening.promise().addListener(done -> limit.cancel(false));
    }

    @Override
    public CarriedChannel channel() {
        return channel;
    }

    @Override
    public void start() {
        openPost();
    }

    private void dial(Consumer<Channel> then) {
        dialling = true;
        opening.dial().addListener((FutureListener<Channel>) connected -> {
            dialling = false;
            if (!connected.isSuccess()) {
                opening.fail(channel, (RefusedException) connected.cause());
            } else if (over || !opened && opening.promise().isDone()) {
                connected.getNow().close();
            } else {
                then.accept(connected.getNow());
            }
        });
    }

    private void openPost() {
        dial(link -> {
            post = new Response(this, link);
            link.writeAndFlush(ByteBufUtil.writeAscii(link.alloc(), settings.postHead()));
            sender.attach(link);
            if (opened) {
                channel.kick();
            } else {
                sender.open();
                openGet();
            }
        });
    }

    private void openGet() {
        getAnswered = false;
        dial(link -> {
            get = new Response(this, link);
            link.writeAndFlush(ByteBufUtil.writeAscii(link.alloc(), settings.getHead()));
        });
    }

    // What the links tell

    void head(Response link, HttpResponse head) {
        int status = head.status().code();
        if (head.decoderResult().isFailure()) {
            refuse(Cause.FAILED, "its answer is no HTTP");
        } else if (status != HttpResponseStatus.OK.code() && !isSilentEnd(link, status)) {
            refuse(Cause.FAILED, "it answered " + head.status() + " to " + (link == get ? "GET" : "POST"));
        } else if (link == get) {
            getAnswered = true;
            receiver.renew();
            if (!opened) {
                opened();
            }
            channel.kick();
        }
    }

    /** A stock server closes behind a POST that it has read and says nothing, which a proxy makes an answer of. */
    private boolean isSilentEnd(Response link, int status) {
        return link == post && !sender.isAttached() && status == HttpResponseStatus.BAD_GATEWAY.code();
    }

    private void opened() {
        opened = true;
        opening.succeed(channel);
    }

    /** @param bytes remain the caller's */
    void content(Response link, ByteBuf bytes) {
        if (link != get || receiver.end() != Receiver.End.NONE) {
            return;
        }
        switch (receiver.read(bytes)) {
            case NONE -> {
                if (channel.isFull()) {
                    link.pause();
                }
            }
            case RENEWED -> {
                // Asked for at once: the server sends nothing meanwhile.
                link.close();
                openGet();
            }
            case CLOSED -> channel.peerEnded();
            case ERROR -> fail("the server aborted it");
        }
    }

    /** A link ended; all its input has been received. */
    void gone(Response link) {
        if (link == get && receiver.end() == Receiver.End.NONE) {
            fail("the server's answer to GET broke off");
        } else if (link == post && sender.isAttached()) {
            fail("the server broke off the POST");
        } else if (link == post) {
            post = null;
            link.close();
            channel.kick();
        }
    }

    void malformed(GnuFrameException why) {
        fail(why.getMessage());
    }

    void writable(Response link) {
        if (link == post) {
            channel.kick();
        }
    }

    // The channel's carriage

    @Override
    public void outputReady() {
        if (!opened) {
            return;
        }
        sender.pump();
        if (channel.isDrained()) {
            if (sender.isAttached()) {
                finish(false);
            } else {
                renewPost();
            }
        } else if (!sender.isAttached() && channel.hasOutput()) {
            renewPost();
        }
    }

    /** Never while a GET is awaited: a stock server may close it unread then; and never before the last one has been read. */
    private void renewPost() {
        if (!dialling && !over && post == null && getAnswered && receiver.end() != Receiver.End.RENEWED) {
            openPost();
        }
    }

    @Override
    public void inputWanted() {
        if (get != null) {
            get.resume();
        }
    }

    @Override
    public long unsent() {
        return Carriage.unsentOn(sender.link());
    }

    @Override
    public void closed(boolean aborted) {
        check.cancel(false);
        if (aborted || !opened) {
            finish(true);
        } else {
            channel.whenStuck(STUCK_SECONDS, () -> finish(true));
        }
    }

    /** Always with a closing frame, or a stock server keeps the tunnel for the next client. */
    private void finish(boolean aborted) {
        if (over) {
            return;
        }
        over = true;
        channel.dropTail();
        if (opened && !sender.isAttached()) {
            lastPost(aborted);
        } else {
            lastWord(aborted);
        }
    }

    /** Between two POSTs the last word needs one of its own. */
    private void lastPost(boolean aborted) {
        opening.dial().addListener((FutureListener<Channel>) connected -> {
            if (connected.isSuccess()) {
                Channel link = connected.getNow();
                post = new Response(this, link);
                link.writeAndFlush(ByteBufUtil.writeAscii(link.alloc(), settings.postHead()));
                sender.attach(link);
            }
            lastWord(aborted);
        });
    }

    private void lastWord(boolean aborted) {
        if (sender.isAttached()) {
            sender.close(aborted).addListener(said -> left.run());
        } else {
            left.run();
        }
        for (Response link : new Response[] {post, get}) {
            if (link != null) {
                link.drop();
            }
        }
    }

    private void fail(String why) {
        refuse(Cause.FAILED, why);
    }

    private void refuse(Cause cause, String why) {
        opening.fail(channel, new RefusedException(cause, settings.route() + ": " + why));
    }

    private void check() {
        if (opened && sender.isSilent()) {
            renewPost();
        }
        sender.keepAlive();
        if (channel.isFull()) {
            receiver.excuse();
        } else if (opened && receiver.silentNanos() > TimeUnit.SECONDS.toNanos(settings.idleSeconds())) {
            fail("nothing came from it for " + settings.idleSeconds() + " s");
        }
    }
}
