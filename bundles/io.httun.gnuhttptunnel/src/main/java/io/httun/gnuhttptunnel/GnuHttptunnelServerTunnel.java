// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * One tunnel at the server: a POST and a GET, each renewed any number of times, and the channel that they carry. On one event loop. It
 * leaves the {@link GnuHttptunnelVisitors} as soon as it ends or is to end, so that nothing of it can meet its client's next tunnel.
 */
final class GnuHttptunnelServerTunnel implements Carriage {
    private static final ByteBuf DONE = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", StandardCharsets.US_ASCII));
    private static final long CHECK_MILLIS = 250;
    private static final int STUCK_SECONDS = 20;
    private static final int MAX_NEXT = 256;

    private final GnuHttptunnelVisitors tunnels;
    private final String source;
    private final EventLoop loop;
    private final CarriedChannel channel;
    private final Receiver receiver;
    private final Sender sender;
    private final Future<?> check;
    private final long idleNanos;
    private final ByteBuf responseHead;
    /** POSTs that were begun before the one before them was read to its end. A stock client waits for nothing. */
    private final Deque<RequestLink> next = new ArrayDeque<>();

    private RequestLink post;
    private RequestLink get;
    /** When a POST or GET began to be missed that must come soon. */
    private long waitingSince = System.nanoTime();

    private boolean opening;
    private boolean opened;
    private boolean over;

    GnuHttptunnelServerTunnel(GnuHttptunnelVisitors tunnels, String source, Channel first) {
        this.tunnels = tunnels;
        this.source = source;
        this.loop = first.eventLoop();
        this.channel = new CarriedChannel(CarriedChannel.Side.SERVER, first.remoteAddress(), this);
        this.receiver = new Receiver(channel);
        this.sender = new Sender(channel, tunnels.settings().contentLength(), true);
        this.idleNanos = TimeUnit.SECONDS.toNanos(tunnels.settings().idleSeconds());
        this.responseHead = responseHead(tunnels.settings().contentLength());
        loop.register(channel);
        this.check = loop.scheduleAtFixedRate(this::check, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }

    CarriedChannel channel() {
        return channel;
    }

    String source() {
        return source;
    }

    // Requests

    /** Whether this tunnel can take a POST; if not, it belongs to another one. */
    boolean takePost(RequestLink link, boolean firstOfTunnel) {
        if (over || firstOfTunnel != !opening || firstOfTunnel && post != null || next.size() >= MAX_NEXT) {
            return false;
        }
        if (post == null) {
            startPost(link);
        } else {
            next.add(link);
        }
        return true;
    }

    private void startPost(RequestLink link) {
        post = link;
        if (opened) {
            receiver.renew();
            link.resume();
        }
        openIfComplete();
    }

    /** Whether this POST's bytes may come now. */
    boolean wants(RequestLink link) {
        return opened && link == post && !channel.isFull();
    }

    /** Whether a GET has a place here. */
    boolean takeGet(RequestLink link) {
        if (over || get != null) {
            return false;
        }
        get = link;
        link.channel().writeAndFlush(responseHead.duplicate());
        sender.attach(link.channel());
        openIfComplete();
        channel.kick();
        return true;
    }

    private void openIfComplete() {
        if (post != null && get != null && !opening) {
            opening = true;
            loop.execute(() -> tunnels.open(this));
        }
    }

    /** The target is there: its bytes may go, and the POST's. */
    void opened() {
        opened = true;
        receiver.excuse();
        inputWanted();
        channel.kick();
    }

    // What the links tell

    void read(RequestLink link, ByteBuf bytes) {
        if (link != post || over && receiver.end() != Receiver.End.NONE) {
            return;
        }
        Receiver.End end = receiver.read(bytes);
        if (link != post) {
            // The receiver of the bytes ended the tunnel, and this POST with it.
            return;
        }
        if (channel.isFull()) {
            link.pause();
        }
        switch (end) {
            case NONE -> {}
            case RENEWED -> postEnded();
            case CLOSED -> {
                leave();
                answer(post);
                channel.peerEnded();
            }
            case ERROR -> {
                answer(post);
                fail("the client aborted it");
            }
        }
    }

    private void postEnded() {
        answer(post);
        post = null;
        waitingSince = System.nanoTime();
        if (!next.isEmpty()) {
            startPost(next.poll());
        }
    }

    /** Only after its last byte: an earlier answer makes the client's close a reset. */
    private static void answer(RequestLink link) {
        link.channel().writeAndFlush(DONE.duplicate()).addListener(ChannelFutureListener.CLOSE);
    }

    void gone(RequestLink link) {
        if (link == post) {
            post = null;
            if (receiver.end() == Receiver.End.NONE) {
                fail("the client's POST broke off");
            }
        } else if (link == get) {
            get = null;
            if (sender.isAttached()) {
                fail("the client's GET broke off");
            } else {
                waitingSince = System.nanoTime();
            }
        } else if (next.contains(link)) {
            fail("the client's next POST broke off");
        }
    }

    void writable(RequestLink link) {
        if (link == get) {
            channel.kick();
        }
    }

    // The channel's carriage

    @Override
    public void outputReady() {
        if (!opened) {
            return;
        }
        if (sender.pump()) {
            getIsFull();
        }
        if (channel.isDrained()) {
            leave();
            finish(false);
        }
    }

    private void getIsFull() {
        get = null;
        waitingSince = System.nanoTime();
    }

    @Override
    public void inputWanted() {
        if (post != null && opened) {
            post.resume();
        }
    }

    @Override
    public long unsent() {
        return Carriage.unsentOn(sender.link());
    }

    @Override
    public void closed(boolean aborted) {
        leave();
        check.cancel(false);
        if (aborted || !opened) {
            channel.dropTail();
            finish(true);
        } else {
            channel.whenStuck(STUCK_SECONDS, () -> finish(true));
        }
    }

    /** Says the last word and reads on for a while, lest unread bytes make our close a reset. */
    private void finish(boolean aborted) {
        channel.dropTail();
        if (sender.isAttached()) {
            sender.close(aborted);
        }
        next.forEach(RequestLink::drop);
        next.clear();
        for (RequestLink link : new RequestLink[] {post, get}) {
            if (link != null) {
                link.drop();
            }
        }
        post = null;
        get = null;
    }

    private void leave() {
        if (!over) {
            over = true;
            tunnels.left(this);
        }
    }

    /** Refused before it was open: the client sees the tunnel end. */
    void refused() {
        channel.close();
    }

    void fail(String why) {
        leave();
        if (opening) {
            channel.fail(new GnuFrameException(why));
        } else {
            channel.close();
        }
    }

    private void check() {
        if (channel.isFull() || opening && !opened) {
            receiver.excuse();
        }
        if (sender.keepAlive()) {
            getIsFull();
        }
        long waited = System.nanoTime() - waitingSince;
        if (!opening && waited > TimeUnit.SECONDS.toNanos(tunnels.settings().pairSeconds())) {
            channel.close();
        } else if (opened
                && get == null
                && waited > TimeUnit.SECONDS.toNanos(tunnels.settings().pairSeconds())) {
            fail("the client's next GET did not come");
        } else if (opened && receiver.silentNanos() > idleNanos) {
            fail("nothing came from the client for " + tunnels.settings().idleSeconds() + " s");
        }
    }

    private static ByteBuf responseHead(long length) {
        return Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
                "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\nConnection: close\r\nPragma: no-cache\r\n"
                        + "Cache-Control: no-cache, no-store, must-revalidate\r\nExpires: 0\r\nContent-Type: text/html\r\n\r\n",
                StandardCharsets.US_ASCII));
    }
}
