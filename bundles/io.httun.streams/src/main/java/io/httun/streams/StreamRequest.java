// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.target.Target;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a client wants of a stream. */
sealed interface StreamRequest {
    /** A connection by TCP (RFC 9113 section 8.5). */
    record Connection(Target target) implements StreamRequest {
        @Override
        public Http2Headers headers() {
            return connect().authority(target.toString());
        }
    }

    /** Datagrams to and from one target (RFC 9298). */
    record Datagrams(Target target) implements StreamRequest {
        private static final String PROTOCOL = "connect-udp";
        private static final Pattern PATH =
                Pattern.compile("/\\.well-known/masque/udp/([A-Za-z0-9._%-]{1,300})/([0-9]{1,5})/");

        @Override
        public Http2Headers headers() {
            // The % of an IPv6 zone needs it too.
            String host = URLEncoder.encode(target.host(), StandardCharsets.US_ASCII);
            return extended(PROTOCOL, "/.well-known/masque/udp/" + host + '/' + target.port() + '/')
                    .add("capsule-protocol", "?1");
        }
    }

    /** The next connection to a port of the server. */
    record Accept(InetSocketAddress listen) implements StreamRequest {
        private static final String PROTOCOL = "httun-accept";
        private static final String ANY = "*";
        private static final Pattern PATH = Pattern.compile("/(\\*|[A-Fa-f0-9.%]{1,100})/([0-9]{1,5})");

        @Override
        public Http2Headers headers() {
            String host = listen.getAddress().isAnyLocalAddress()
                    ? ANY
                    : URLEncoder.encode(NetUtil.toAddressString(listen.getAddress()), StandardCharsets.US_ASCII);
            return extended(PROTOCOL, '/' + host + '/' + listen.getPort());
        }

        private static Optional<StreamRequest> of(String host, String port) {
            InetAddress address = host.equals(ANY)
                    ? NetUtil.createInetAddressFromIpAddressString("0.0.0.0")
                    : NetUtil.createInetAddressFromIpAddressString(host);
            int number = Integer.parseInt(port);
            return address == null || number < 1
                    ? Optional.empty()
                    : Optional.of(new Accept(new InetSocketAddress(address, number)));
        }
    }

    /** The stream's own bytes back. */
    record Echo() implements StreamRequest {
        private static final String PROTOCOL = "httun-echo";
        private static final String PATH = "/";

        @Override
        public Http2Headers headers() {
            return extended(PROTOCOL, PATH);
        }
    }

    /** As they travel. */
    Http2Headers headers();

    /** Reads a request; empty where it is none of these. */
    static Optional<StreamRequest> read(Http2Headers request) {
        if (request.method() == null || !"CONNECT".contentEquals(request.method()) || request.authority() == null) {
            return Optional.empty();
        }
        try {
            CharSequence protocol = request.get(Http2Headers.PseudoHeaderName.PROTOCOL.value());
            if (protocol == null) {
                return request.scheme() == null && request.path() == null
                        ? Optional.of(
                                new Connection(Target.parse(request.authority().toString())))
                        : Optional.empty();
            } else if (request.scheme() == null || request.path() == null) {
                return Optional.empty();
            }
            return switch (protocol.toString()) {
                case Datagrams.PROTOCOL ->
                    path(
                            Datagrams.PATH,
                            request,
                            (host, port) -> Optional.of(new Datagrams(Target.of(host, Integer.parseInt(port)))));
                case Accept.PROTOCOL -> path(Accept.PATH, request, Accept::of);
                case Echo.PROTOCOL ->
                    Echo.PATH.contentEquals(request.path()) ? Optional.of(new Echo()) : Optional.empty();
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<StreamRequest> path(
            Pattern form, Http2Headers request, BiFunction<String, String, Optional<StreamRequest>> make) {
        Matcher path = form.matcher(request.path());
        return path.matches()
                ? make.apply(URLDecoder.decode(path.group(1), StandardCharsets.US_ASCII), path.group(2))
                : Optional.empty();
    }

    private static Http2Headers connect() {
        return new DefaultHttp2Headers().method("CONNECT");
    }

    /** RFC 8441 section 4. The authority stands for the server, which has no other name in a pipe. */
    private static Http2Headers extended(String protocol, String path) {
        return connect()
                .add(Http2Headers.PseudoHeaderName.PROTOCOL.value(), protocol)
                .scheme("https")
                .authority("httun")
                .path(path);
    }
}
