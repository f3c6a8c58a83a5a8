// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.target.ConnectorCall;
import io.httun.toolkit.tls.ClientTls;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/**
 * The way to an HTTP server, with or without TLS, or with a proxy that takes absolute URIs.
 *
 * @param server where the requests go
 * @param tls how the server is spoken to; empty for in clear, and always with a proxy
 * @param proxy where the TCP connections go, if not to the server
 * @param authorization value for the server; empty for none
 * @param proxyAuthorization value for the proxy; empty for none
 */
public record HttpRoute(
        Target server,
        Optional<ClientTls> tls,
        Optional<Target> proxy,
        String authorization,
        String proxyAuthorization) {
    private static final String HTTPS = "https://";
    private static final int HTTPS_PORT = 443;

    /**
     * Reads the properties {@code server}, {@code proxy}, {@code basic.auth.file} and {@code proxy.auth.file}; all but the first may be
     * empty. For protocols whose servers know no TLS.
     *
     * @throws ConfigException naming the property that is wrong
     */
    public static HttpRoute of(String server, String proxy, String authFile, String proxyAuthFile) {
        if (server.startsWith(HTTPS)) {
            throw new ConfigException(
                    "server",
                    server,
                    "must be HOST:PORT: this protocol has no https; for encryption carry an httun tunnel in it");
        }
        return of(target("server", server), Optional.empty(), proxy, authFile, proxyAuthFile);
    }

    /**
     * As above, for protocols whose servers may know TLS: {@code server} may be {@code https://HOST} or {@code https://HOST:PORT} too,
     * with the properties {@code tls.trust} and {@code tls.pin} of {@link ClientTls#of}.
     */
    public static HttpRoute of(
            String server, String proxy, String authFile, String proxyAuthFile, String trust, String... pins) {
        if (!server.startsWith(HTTPS)) {
            return of(target("server", server), Optional.empty(), proxy, authFile, proxyAuthFile);
        } else if (!proxy.isEmpty()) {
            throw new ConfigException(
                    "proxy",
                    proxy,
                    "is for servers without https; name an upstream connector (io.httun.connector.upstream) in"
                            + " connector.target instead");
        }
        String address = server.substring(HTTPS.length());
        Target target = target("server", address.matches(".*:[0-9]+") ? address : address + ':' + HTTPS_PORT);
        return of(target, Optional.of(ClientTls.of("tls", trust, pins)), proxy, authFile, proxyAuthFile);
    }

    private static HttpRoute of(
            Target server, Optional<ClientTls> tls, String proxy, String authFile, String proxyAuthFile) {
        if (!proxyAuthFile.isEmpty() && proxy.isEmpty()) {
            throw new ConfigException("proxy.auth.file", proxyAuthFile, "needs the property proxy");
        }
        return new HttpRoute(
                server,
                tls,
                proxy.isEmpty() ? Optional.empty() : Optional.of(target("proxy", proxy)),
                credentials("basic.auth.file", authFile),
                credentials("proxy.auth.file", proxyAuthFile));
    }

    private static Target target(String property, String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(property, text, "must be HOST:PORT, an IPv6 address in brackets");
        }
    }

    private static String credentials(String property, String file) {
        return file.isEmpty() ? "" : BasicCredentials.read(property, file).headerValue();
    }

    /** The target of a request line: the path, or for a proxy the whole URI with its port. */
    public String uri(String path) {
        return proxy.isPresent() ? "http://" + server + path : path;
    }

    /** The lines of a request's head with the credentials, each with its end; empty where there are none. */
    public String logins() {
        return header("Proxy-Authorization", proxyAuthorization) + header("Authorization", authorization);
    }

    private static String header(String name, String value) {
        return value.isEmpty() ? "" : name + ": " + value + "\r\n";
    }

    /** Where TCP connections go: the proxy or, without one, the server. */
    public Target firstHop() {
        return proxy.orElse(server);
    }

    /**
     * Connects to the first hop through another connector.
     *
     * @param connector null while it is not there
     * @return a channel as {@link TargetConnector#connect} gives; fails with {@link RefusedException}
     */
    public Future<Channel> dial(TargetAdmission admission, TargetConnector connector, EventLoop loop) {
        if (connector == null) {
            return loop.newFailedFuture(new RefusedException(
                    RefusedException.Cause.UNAVAILABLE, "the connector to " + firstHop() + " is not available"));
        }
        Promise<Channel> promise = loop.newPromise();
        admission.admit(firstHop(), List.of(), !connector.takesNames(), loop).addListener((FutureListener<Target>)
                admitted -> {
                    if (!admitted.isSuccess()) {
                        refuse(promise, admitted.cause());
                    } else if (!promise.isDone()) {
                        ConnectorCall.of(loop, () -> connector.connect(admitted.getNow(), loop))
                                .addListener((FutureListener<Channel>) connected -> secure(connected, promise));
                    }
                });
        return promise;
    }

    private void secure(Future<Channel> connected, Promise<Channel> promise) {
        if (!connected.isSuccess()) {
            refuse(promise, connected.cause());
        } else if (tls.isEmpty()) {
            hand(connected.getNow(), promise);
        } else {
            tls.get().start(connected.getNow(), server.host()).addListener((FutureListener<Channel>) shaken -> {
                if (shaken.isSuccess()) {
                    hand(connected.getNow(), promise);
                } else {
                    connected.getNow().close();
                    promise.tryFailure(new RefusedException(
                            RefusedException.Cause.FAILED,
                            this + ": TLS handshake failed: " + shaken.cause().getMessage()));
                }
            });
        }
    }

    private static void hand(Channel channel, Promise<Channel> promise) {
        if (!promise.trySuccess(channel)) {
            channel.close();
        }
    }

    private static void refuse(Promise<Channel> promise, Throwable why) {
        promise.tryFailure(
                why instanceof RefusedException
                        ? why
                        : new RefusedException(RefusedException.Cause.FAILED, String.valueOf(why)));
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return (tls.isPresent() ? HTTPS : "")
                + server
                + proxy.map(target -> " through " + target).orElse("");
    }
}
