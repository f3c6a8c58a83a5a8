// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.StrictConfig;
import io.httun.api.listen.ListenAddress;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.listener.login.Logins;
import io.httun.listener.tls.ServerTls;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What every kind of listener has, checked.
 *
 * @param relay what the engine has to know
 * @param logins empty where nobody has to log in
 * @param tls empty where clients come in clear
 * @param proxyProtocol whether every connection starts with a header that says who is behind it
 */
record ListenerSettings(
        InetSocketAddress bind,
        boolean bindFallback,
        RelaySettings relay,
        int negotiationSeconds,
        Optional<Logins> logins,
        Optional<ServerTls> tls,
        boolean proxyProtocol) {
    ListenerSettings {
        StrictConfig.range("negotiation.seconds", negotiationSeconds, 1, 600);
    }

    String name() {
        return relay.name();
    }

    /** Whether others than users of this host can reach it. */
    boolean isOpenToOthers() {
        return !bind.getAddress().isLoopbackAddress();
    }

    /** @param policyUsers none where nobody logs in */
    static RelaySettings relay(
            String name, String[] filters, int connectionsMax, String[] policy, String... policyUsers) {
        return new RelaySettings(
                name,
                List.of(filters),
                connectionsMax,
                RelayPolicy.parse("policy", policy),
                RelayPolicy.parseUsers("policy.users", policyUsers));
    }

    static InetSocketAddress parseBind(String text) {
        return ListenAddress.parseTcp(
                "bind", text, "must be ADDRESS:PORT such as 127.0.0.1:1080, [::1]:1080 or *:1080, port 0 to 65535");
    }
}
