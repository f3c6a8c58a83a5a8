// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4ClientDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ClientEncoder;
import io.netty.handler.codec.socksx.v4.Socks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Promise;
import java.util.Optional;

/** SOCKS 4a; a target with an IPv4 address is requested by SOCKS 4. */
final class Socks4Connect extends Handshake {
    private final String user;

    Socks4Connect(UpstreamProxy proxy, Target next, Promise<Void> done, Optional<ProxyCredentials> credentials) {
        super(proxy, next, done);
        this.user = credentials.map(ProxyCredentials::user).orElse("");
    }

    @Override
    void begin(ChannelHandlerContext context) {
        String host = nextHost();
        if (NetUtil.isValidIpV6Address(host)) {
            fail(
                    context,
                    Fault.TARGET,
                    Cause.UNREACHABLE,
                    proxy() + " cannot connect to an IPv6 address: SOCKS 4a supports IPv4 only");
            return;
        }
        encode(context, Socks4ClientEncoder.INSTANCE);
        decode(context, new Socks4ClientDecoder());
        context.writeAndFlush(new DefaultSocks4CommandRequest(Socks4CommandType.CONNECT, host, next().port(), user));
    }

    @Override
    void received(ChannelHandlerContext context, Object message) {
        if (!(message instanceof Socks4CommandResponse response)
                || response.decoderResult().isFailure()) {
            broken(context, "sends a reply that is not SOCKS 4");
        } else if (response.status().equals(Socks4CommandStatus.SUCCESS)) {
            succeed(context);
        } else if (response.status().equals(Socks4CommandStatus.REJECTED_OR_FAILED)) {
            fail(context, Fault.TARGET, Cause.FAILED, proxy() + " cannot or will not connect to " + next());
        } else {
            broken(context, "requires identd (SOCKS 4 status " + response.status() + ")");
        }
    }
}
