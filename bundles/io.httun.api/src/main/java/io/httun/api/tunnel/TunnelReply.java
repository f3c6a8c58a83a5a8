// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The server's answer, to be written as it is: the status, exactly these headers, and always {@code content-length}.
 *
 * @param status HTTP status code
 * @param headers names in lower case with their values, in order; {@code content-length} is not among them
 * @param body ownership passes to the endpoint, which releases it once; heap-backed
 * @param delivery what the endpoint tells about the writing, exactly once
 * @param rest what follows later; empty unless the request's {@link TunnelRequest.Details#takesRest}
 */
public record TunnelReply(
        int status, List<Map.Entry<String, String>> headers, ByteBuf body, Delivery delivery, Optional<Rest> rest) {
    /**
     * The rest of a body whose first bytes leave at once.
     *
     * @param length in bytes; {@code content-length} counts them
     * @param bytes exactly so many; ownership passes to the endpoint. It fails if there are none: then the connection is closed. An endpoint
     *     that does not want them any more cancels it
     */
    public record Rest(int length, CompletableFuture<ByteBuf> bytes) {}

    /** Told by the endpoint, on any thread, what became of a reply. */
    public interface Delivery {
        /** Nobody wants to know. */
        Delivery UNTRACKED = new Delivery() {
            @Override
            public void written() {}

            @Override
            public void failed() {}
        };

        /** The whole reply was handed to the connection. */
        void written();

        /** The reply could not be written whole; the peer may have got some of it or nothing. */
        void failed();
    }

    /** What every reply says: nothing on the way may keep it. */
    public static final Map.Entry<String, String> NO_STORE = Map.entry("cache-control", "no-store");

    private static final TunnelReply REFUSED = bare(404, List.of(NO_STORE));
    private static final TunnelReply UNAVAILABLE = bare(503, List.of(NO_STORE, Map.entry("retry-after", "1")));

    /** A reply that is whole. */
    public TunnelReply(int status, List<Map.Entry<String, String>> headers, ByteBuf body, Delivery delivery) {
        this(status, headers, body, delivery, Optional.empty());
    }

    /** Value of {@code content-length}. */
    public int length() {
        return body.readableBytes() + rest.map(Rest::length).orElse(0);
    }

    /** The one face of every failure before authentication: 404 without a body. */
    public static TunnelReply refused() {
        return REFUSED;
    }

    /** For an endpoint that has no server at the moment, and for a server that cannot take a request now. */
    public static TunnelReply unavailable() {
        return UNAVAILABLE;
    }

    /**
     * As {@link #unavailable()}, for longer: another server is the better choice.
     *
     * @param seconds after which to try again
     */
    public static TunnelReply unavailable(int seconds) {
        return bare(503, List.of(NO_STORE, Map.entry("retry-after", Integer.toString(seconds))));
    }

    /** A reply without a body that nobody tracks. */
    public static TunnelReply bare(int status, List<Map.Entry<String, String>> headers) {
        return new TunnelReply(status, headers, Unpooled.EMPTY_BUFFER, Delivery.UNTRACKED);
    }
}
