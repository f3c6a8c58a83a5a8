// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.proxy.ProxyConversation;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Promise;

/** HTTP CONNECT (RFC 9110 section 9.3.6), with the login on the same connection if the proxy keeps it open. */
final class HttpConnect extends Handshake {
    private static final int MAX_BODY = 256 << 10;
    private static final int MAX_ROUNDS = 5;
    private static final int UNAUTHORIZED = 401;
    private static final int PROXY_AUTHENTICATION = 407;

    private final ProxyConversation conversation;
    private final String via;
    private HttpResponse head;
    private int skipped;
    private int rounds;

    HttpConnect(UpstreamProxy proxy, Target next, Promise<Void> done, ProxyConversation conversation, String via) {
        super(proxy, next, done);
        this.conversation = conversation;
        // Set by the sender of the request, who must not inject header lines.
        this.via = via.replaceAll("[^\\t -~]", "?");
    }

    /** A successful reply to CONNECT has no body, whatever its head says. */
    private static final class Decoder extends HttpResponseDecoder {
        private static final int MAX_HEAD = 32 << 10;

        Decoder() {
            super(new HttpDecoderConfig().setMaxHeaderSize(MAX_HEAD));
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return ((HttpResponse) message).status().codeClass() == HttpStatusClass.SUCCESS
                    || super.isContentAlwaysEmpty(message);
        }
    }

    @Override
    void begin(ChannelHandlerContext context) {
        decode(context, new Decoder());
        ask(context);
    }

    private void ask(ChannelHandlerContext context) {
        rounds++;
        head = null;
        skipped = 0;
        String host = nextHost();
        String authority = (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + next().port();
        String authorization = conversation.authorization("CONNECT", authority);
        String request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n"
                + (via.isEmpty() ? "" : "Via: " + via + "\r\n")
                + (authorization.isEmpty() ? "" : "Proxy-Authorization: " + authorization + "\r\n") + "\r\n";
        context.writeAndFlush(Unpooled.wrappedBuffer(ByteBufUtil.writeUtf8(context.alloc(), request)));
    }

    @Override
    void received(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HttpObject part) || part.decoderResult().isFailure()) {
            broken(context, "sends a reply that is not HTTP");
            return;
        }
        if (message instanceof HttpResponse response) {
            head = response;
            if (!isReadToItsEnd()) {
                answered(context);
                return;
            }
        }
        if (message instanceof HttpContent content && head != null) {
            skipped += content.content().readableBytes();
            if (skipped > MAX_BODY) {
                broken(context, "sends an endless reply");
            } else if (message instanceof LastHttpContent) {
                answered(context);
            }
        }
    }

    private void answered(ChannelHandlerContext context) {
        HttpStatusClass kind = head.status().codeClass();
        if (kind == HttpStatusClass.INFORMATIONAL) {
            head = null;
        } else if (kind == HttpStatusClass.SUCCESS) {
            succeed(context);
        } else if (head.status().code() == PROXY_AUTHENTICATION) {
            challenged(context);
        } else if (head.status().code() == UNAUTHORIZED) {
            // The status of tinyproxy for a wrong login.
            broken(context, "rejects the login of credentials.file (401)");
        } else {
            ProxyAnswers.refused(this, context, head);
        }
    }

    private void challenged(ChannelHandlerContext context) {
        if (!conversation.challenged(head.headers().getAll(HttpHeaderNames.PROXY_AUTHENTICATE))
                || rounds == MAX_ROUNDS) {
            fail(context, Fault.PROXY, Cause.UNAVAILABLE, conversation.refusal());
        } else if (isKept()) {
            ask(context);
        } else {
            fail(context, Fault.CONNECTION, Cause.UNAVAILABLE, proxy() + " closes the connection at each login");
        }
    }

    /** A body matters only if another reply follows it. */
    private boolean isReadToItsEnd() {
        HttpStatusClass kind = head.status().codeClass();
        boolean goesOn = kind == HttpStatusClass.INFORMATIONAL || kind == HttpStatusClass.SUCCESS;
        return goesOn || head.status().code() == PROXY_AUTHENTICATION && isKept();
    }

    private boolean isKept() {
        boolean bounded =
                head.headers().contains(HttpHeaderNames.CONTENT_LENGTH) || HttpUtil.isTransferEncodingChunked(head);
        boolean closes = head.headers().containsValue("Proxy-Connection", "close", true);
        return bounded && HttpUtil.isKeepAlive(head) && !closes;
    }
}
