// SPDX-License-Identifier: Apache-2.0
package io.httun.api.proxy;

import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import java.util.Optional;

/** Makes connectors for programs without a framework. An implementation has a public constructor without arguments. */
public interface SingleProxyFactory {
    /** A login at a proxy. The password is not shown. */
    record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[***]";
        }
    }

    /**
     * A connector through one proxy.
     *
     * @param direct makes the connections to the proxy
     * @param url {@code http}, {@code https}, {@code socks4a} or {@code socks5://HOST:PORT}, without a login
     * @throws io.httun.api.config.ConfigException if the URL or the login is wrong
     */
    ForwardingConnector through(
            EventLoops loops, NameResolver resolver, TargetConnector direct, String url, Optional<Login> login);
}
