// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.target.ProxyError;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server says to a request for a stream: a status, and why in {@code proxy-status} (RFC 9209). */
final class StreamAnswer {
    static final CharSequence PROXY_STATUS = "proxy-status";
    private static final Logger LOG = LoggerFactory.getLogger(StreamAnswer.class);
    private static final CharSequence HTTUN_PEER = "httun-peer";
    private static final AttributeKey<InetSocketAddress> PEER = AttributeKey.valueOf(StreamAnswer.class, "peer");
    private static final CharSequence RETRY_AFTER = "retry-after";
    private static final String OK = "200";
    private static final Pattern ERROR = Pattern.compile("httun; ?error=([a-z_]{1,40})");

    private StreamAnswer() {}

    /** @param peer who is at the other end */
    static Http2Headers connected(InetSocketAddress peer) {
        return peer.isUnresolved()
                ? connected()
                : connected()
                        .add(
                                HTTUN_PEER,
                                Target.of(peer.getAddress(), peer.getPort()).toString());
    }

    /** Who is at the other end of a stream, as the server said; empty where it did not. */
    static Optional<InetSocketAddress> peer(Channel stream) {
        return Optional.ofNullable(stream.attr(PEER).get());
    }

    static void notePeer(Channel stream, Http2Headers answer) {
        CharSequence said = answer.get(HTTUN_PEER);
        if (said != null) {
            try {
                Target peer = Target.parse(said.toString());
                peer.addresses().stream().findFirst().ifPresent(address -> stream.attr(PEER)
                        .set(new InetSocketAddress(address, peer.port())));
            } catch (IllegalArgumentException e) {
                LOG.debug("The server names a peer that is no address", e);
            }
        }
    }

    /** The last word: the stream ends with it. What the client has sent already is not read. */
    static void last(ChannelHandlerContext context, Http2Headers answer) {
        context.writeAndFlush(new DefaultHttp2HeadersFrame(answer, true)).addListener(written -> context.close());
    }

    static Http2Headers connected() {
        return new DefaultHttp2Headers().status(OK);
    }

    static Http2Headers refused(Cause cause) {
        ProxyError error = ProxyError.of(cause);
        Http2Headers headers = new DefaultHttp2Headers()
                .status(Integer.toString(error.status()))
                .add(PROXY_STATUS, "httun; error=" + error.error());
        return error.isTemporary() ? headers.add(RETRY_AFTER, "1") : headers;
    }

    /** The client may not do that here. */
    static Http2Headers notAllowed() {
        return noPort("403", "http_request_denied");
    }

    /** There is no such port. */
    static Http2Headers noPort(boolean taken) {
        return taken ? noPort("409", "proxy_internal_response") : noPort("502", "proxy_internal_error");
    }

    private static Http2Headers noPort(String status, String error) {
        return new DefaultHttp2Headers().status(status).add(PROXY_STATUS, "httun; error=" + error);
    }

    static Http2Headers malformed() {
        return new DefaultHttp2Headers().status("400").add(PROXY_STATUS, "httun; error=http_request_error");
    }

    static boolean isConnected(Http2Headers answer) {
        return answer.status() != null && OK.contentEquals(answer.status());
    }

    /** Why there is no connection, as the server says. */
    static RefusedException refusal(Http2Headers answer) {
        switch (status(answer)) {
            case "403" -> {
                return new RefusedException(Cause.DENIED, "the server denies the target");
            }
            case "409" -> {
                return new RefusedException(Cause.OVERLOADED, "the port is taken at the server");
            }
            default -> LOG.debug("The server refuses a stream with {}", answer);
        }
        CharSequence said = answer.get(PROXY_STATUS);
        Matcher error = ERROR.matcher(said == null ? "" : said);
        String word = error.find() ? error.group(1) : "";
        return ProxyError.of(word)
                .map(found -> new RefusedException(found.cause(), "the server answers " + word))
                .orElseGet(
                        () -> new RefusedException(Cause.FAILED, "the server answers with status " + status(answer)));
    }

    private static String status(Http2Headers answer) {
        return answer.status() == null ? "none" : answer.status().toString().replaceAll("[^0-9]", "?");
    }
}
