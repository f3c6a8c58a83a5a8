// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Allows TLS only: holds written bytes until they are a complete ClientHello, then removes itself. Closes the
 * connection if they are anything else.
 */
final class TlsGuard extends ChannelOutboundHandlerAdapter {
    private static final int MAX_HELD = 64 << 10;

    private record Write(Object message, ChannelPromise promise) {}

    private final String filter;
    private final String name;
    private final Deque<Write> held = new ArrayDeque<>();
    private final Reader reader = new Reader();
    private final EmbeddedChannel parser = new EmbeddedChannel(reader);
    private int length;
    private boolean flush;
    private boolean denied;

    /** @param name required server name; empty for any name or none */
    TlsGuard(String filter, String name) {
        this.filter = filter;
        this.name = name;
    }

    /** Netty's ClientHello parser; only its result is used. */
    private static final class Reader extends AbstractSniHandler<Void> {
        private boolean done;
        private boolean tls;
        private String serverName = "";

        @Override
        protected Future<Void> lookup(ChannelHandlerContext context, ByteBuf clientHello) throws Exception {
            tls = clientHello != null;
            return super.lookup(context, clientHello);
        }

        @Override
        protected Future<Void> lookup(ChannelHandlerContext context, String hostname) {
            done = true;
            serverName = hostname == null ? "" : hostname.toLowerCase(Locale.ROOT);
            // Completes immediately: no look-up.
            return context.executor().newSucceededFuture(null);
        }

        @Override
        protected void onLookupComplete(ChannelHandlerContext context, String hostname, Future<Void> future) {}

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            done = true;
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (denied || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            if (!promise.isVoid()) {
                promise.tryFailure(refusal("no further bytes are allowed"));
            }
            return;
        }
        if (!bytes.isReadable() && held.isEmpty()) {
            context.write(bytes, promise);
            return;
        }
        held.add(new Write(bytes, promise));
        length += bytes.readableBytes();
        if (!bytes.isReadable()) {
            // A relay ends its output with this call.
            deny(context, "the connection ended before a TLS ClientHello was complete");
            return;
        }
        parser.writeInbound(bytes.retainedDuplicate());
        if (reader.done) {
            decide(context);
        } else if (length > MAX_HELD) {
            deny(context, "the first " + MAX_HELD + " bytes are not a TLS ClientHello");
        }
    }

    private void decide(ChannelHandlerContext context) {
        if (!reader.tls) {
            deny(context, "the first bytes are not a TLS ClientHello");
        } else if (!name.isEmpty() && !name.equals(reader.serverName)) {
            deny(context, "the TLS ClientHello names another server");
        } else {
            pass(context);
        }
    }

    private void pass(ChannelHandlerContext context) {
        for (Write next = held.poll(); next != null; next = held.poll()) {
            context.write(next.message(), next.promise());
        }
        if (flush) {
            context.flush();
        }
        context.pipeline().remove(this);
    }

    private void deny(ChannelHandlerContext context, String why) {
        denied = true;
        RefusedException refusal = refusal(why);
        release(refusal);
        context.pipeline().fireExceptionCaught(refusal);
        context.close();
    }

    private RefusedException refusal(String why) {
        return new RefusedException(Cause.DENIED, "filter " + filter + ": " + why);
    }

    private void release(RefusedException refusal) {
        for (Write next = held.poll(); next != null; next = held.poll()) {
            ReferenceCountUtil.release(next.message());
            if (!next.promise().isVoid()) {
                next.promise().tryFailure(refusal);
            }
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (held.isEmpty()) {
            context.flush();
        } else {
            flush = true;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        release(refusal("the connection ended before a TLS ClientHello was complete"));
        parser.finishAndReleaseAll();
    }
}
