// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.BasicCredentials;
import io.httun.api.config.ConfigException;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/**
 * The way to an HTTP server, with or without a proxy that takes absolute URIs.
 *
 * @param server where the requests go
 * @param proxy where the TCP connections go, if not to the server
 * @param authorization value for the server; empty for none
 * @param proxyAuthorization value for the proxy; empty for none
 */
public record HttpRoute(Target server, Optional<Target> proxy, String authorization, String proxyAuthorization) {
    /**
     * Reads the properties {@code server}, {@code proxy}, {@code basic.auth.file} and {@code proxy.auth.file}; all but the first may be
     * empty.
     *
     * @throws ConfigException naming the property that is wrong
     */
    public static HttpRoute of(String server, String proxy, String authFile, String proxyAuthFile) {
        if (!proxyAuthFile.isEmpty() && proxy.isEmpty()) {
            throw new ConfigException("proxy.auth.file", proxyAuthFile, "needs the property proxy");
        }
        return new HttpRoute(
                target("server", server),
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

    /** What a request line names: the path, or for a proxy the whole URI with its port. */
    public String uri(String path) {
        return proxy.isPresent() ? "http://" + server + path : path;
    }

    /**
     * Connects to the proxy or, without one, to the server, through another connector.
     *
     * @param connector null while it is not there
     * @return a channel as {@link TargetConnector#connect} gives; fails with {@link RefusedException}
     */
    public Future<Channel> dial(TargetAdmission admission, TargetConnector connector, EventLoop loop) {
        if (connector == null) {
            return loop.newFailedFuture(new RefusedException(
                    RefusedException.Cause.UNAVAILABLE, "the connector to " + first() + " is not there"));
        }
        Promise<Channel> promise = loop.newPromise();
        admission.admit(first(), List.of(), !connector.takesNames(), loop).addListener((FutureListener<Target>)
                admitted -> {
                    if (!admitted.isSuccess()) {
                        promise.tryFailure(admitted.cause());
                    } else if (!promise.isDone()) {
                        connector.connect(admitted.getNow(), loop).addListener((FutureListener<Channel>) connected -> {
                            if (!connected.isSuccess()) {
                                promise.tryFailure(connected.cause());
                            } else if (!promise.trySuccess(connected.getNow())) {
                                connected.getNow().close();
                            }
                        });
                    }
                });
        return promise;
    }

    private Target first() {
        return proxy.orElse(server);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return server + proxy.map(target -> " through " + target).orElse("");
    }
}
