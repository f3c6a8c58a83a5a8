// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.stream.StreamOrigin;
import io.netty.channel.Channel;

/** The server's end of a pipe. */
final class ServerPipe {
    private ServerPipe() {}

    static void install(Channel pipe, StreamOrigin origin, AcceptPorts ports) {
        RoundTrip roundTrip = new RoundTrip();
        PipeCodec.server(pipe, roundTrip, () -> new InboundStream(origin, ports), new PipeWatch(roundTrip, () -> {}));
    }
}
