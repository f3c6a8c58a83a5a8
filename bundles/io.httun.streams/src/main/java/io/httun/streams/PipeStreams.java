// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.status.PipeStatus;
import io.httun.api.status.StreamStatus;
import io.httun.api.stream.PipeSource;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The open streams of one pipe, as status shows them. Any thread. */
final class PipeStreams {
    private static final AttributeKey<PipeStreams> KEY = AttributeKey.valueOf(PipeStreams.class, "streams");

    private record Entry(Http2FrameStream stream, String kind, long since) {}

    private final Map<Channel, Entry> open = new ConcurrentHashMap<>();

    static PipeStreams of(Channel pipe) {
        pipe.attr(KEY).setIfAbsent(new PipeStreams());
        return pipe.attr(KEY).get();
    }

    void add(Http2StreamChannel stream, StreamRequest request) {
        open.put(stream, new Entry(stream.stream(), kind(request), System.nanoTime()));
        stream.closeFuture().addListener(closed -> open.remove(stream));
    }

    private static String kind(StreamRequest request) {
        if (request instanceof StreamRequest.Connection) {
            return "connection";
        }
        return request instanceof StreamRequest.Datagrams ? "datagrams" : "accept";
    }

    /** @param name of the client; empty where it is not known */
    static PipeStatus pipe(String name, String side, Channel pipe) {
        return new PipeStatus(
                pipe.id().asShortText(),
                name,
                side,
                !pipe.isOpen() ? "closed" : pipe.hasAttr(PipeSource.DRAINS) ? "draining" : "open",
                of(pipe).open.size(),
                TimeUnit.NANOSECONDS.toMicros(RoundTrip.nanos(pipe)));
    }

    static Stream<StreamStatus> streams(String side, Channel pipe) {
        long now = System.nanoTime();
        return of(pipe).open.values().stream()
                .map(entry -> new StreamStatus(
                        pipe.id().asShortText(),
                        side,
                        entry.stream().id(),
                        entry.kind(),
                        TimeUnit.NANOSECONDS.toSeconds(now - entry.since())));
    }
}
