// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.socksx.SocksMessage;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandRequest;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialRequest;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5ClientEncoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandResponse;
import io.netty.handler.codec.socksx.v5.Socks5CommandResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialResponse;
import io.netty.handler.codec.socksx.v5.Socks5InitialResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthResponseDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** SOCKS 5 (RFC 1928, RFC 1929). */
final class Socks5Connect extends Handshake {
    private static final Map<Socks5CommandStatus, Cause> CAUSES = Map.of(
            Socks5CommandStatus.FORBIDDEN, Cause.DENIED,
            Socks5CommandStatus.NETWORK_UNREACHABLE, Cause.UNREACHABLE,
            Socks5CommandStatus.HOST_UNREACHABLE, Cause.UNREACHABLE,
            Socks5CommandStatus.CONNECTION_REFUSED, Cause.CONNECTION_REFUSED,
            Socks5CommandStatus.TTL_EXPIRED, Cause.TIMED_OUT);

    private final Optional<ProxyCredentials> credentials;

    Socks5Connect(UpstreamProxy proxy, Target next, Promise<Void> done, Optional<ProxyCredentials> credentials) {
        super(proxy, next, done);
        this.credentials = credentials;
    }

    @Override
    void begin(ChannelHandlerContext context) {
        encode(context, Socks5ClientEncoder.DEFAULT);
        decode(context, new Socks5InitialResponseDecoder());
        context.writeAndFlush(new DefaultSocks5InitialRequest(
                credentials.isPresent()
                        ? List.of(Socks5AuthMethod.NO_AUTH, Socks5AuthMethod.PASSWORD)
                        : List.of(Socks5AuthMethod.NO_AUTH)));
    }

    @Override
    void received(ChannelHandlerContext context, Object message) {
        if (message instanceof SocksMessage part && part.decoderResult().isFailure()) {
            broken(context, "sends a reply that is not SOCKS 5");
        } else if (message instanceof Socks5InitialResponse response) {
            login(context, response.authMethod());
        } else if (message instanceof Socks5PasswordAuthResponse response) {
            if (response.status() == Socks5PasswordAuthStatus.SUCCESS) {
                command(context);
            } else {
                broken(context, "rejects the login of credentials.file");
            }
        } else if (message instanceof Socks5CommandResponse response) {
            answered(context, response.status());
        } else {
            broken(context, "sends a reply that is not SOCKS 5");
        }
    }

    private void login(ChannelHandlerContext context, Socks5AuthMethod method) {
        if (method.equals(Socks5AuthMethod.NO_AUTH)) {
            command(context);
        } else if (method.equals(Socks5AuthMethod.PASSWORD) && credentials.isPresent()) {
            decode(context, new Socks5PasswordAuthResponseDecoder());
            context.writeAndFlush(new DefaultSocks5PasswordAuthRequest(
                    credentials.get().user(), credentials.get().password()));
        } else {
            broken(
                    context,
                    credentials.isPresent()
                            ? "supports no login by user and password"
                            : "requires a login; credentials.file has none for it");
        }
    }

    private void command(ChannelHandlerContext context) {
        String host = nextHost();
        Socks5AddressType type = NetUtil.isValidIpV4Address(host)
                ? Socks5AddressType.IPv4
                : NetUtil.isValidIpV6Address(host) ? Socks5AddressType.IPv6 : Socks5AddressType.DOMAIN;
        decode(context, new Socks5CommandResponseDecoder());
        context.writeAndFlush(new DefaultSocks5CommandRequest(Socks5CommandType.CONNECT, type, host, next().port()));
    }

    private void answered(ChannelHandlerContext context, Socks5CommandStatus status) {
        if (status.equals(Socks5CommandStatus.SUCCESS)) {
            succeed(context);
        } else {
            fail(
                    context,
                    Fault.TARGET,
                    CAUSES.getOrDefault(status, Cause.FAILED),
                    proxy() + " cannot connect to " + next() + ": " + status);
        }
    }
}
