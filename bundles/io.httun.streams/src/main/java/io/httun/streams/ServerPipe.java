// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.stream.PipeSource;
import io.httun.api.stream.StreamOrigin;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;

/** The server's end of a pipe. */
final class ServerPipe {
    private ServerPipe() {}

    static void install(Channel pipe, StreamOrigin origin, AcceptPorts ports) {
        RoundTrip roundTrip = new RoundTrip();
        PipeCodec.server(pipe, roundTrip, () -> new InboundStream(origin, ports), new PipeWatch(roundTrip, () -> {}));
    }

    /** RFC 9113 section 6.8: with the largest number, so that no stream on its way is lost; the client opens none after it has read this. */
    static void drain(Channel pipe, AcceptPorts ports) {
        if (pipe.attr(PipeSource.DRAINS).getAndSet(true) == null) {
            pipe.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
            ports.drain(pipe);
        }
    }
}
