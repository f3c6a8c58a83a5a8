// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.Target;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.login.Logins;
import io.httun.toolkit.net.NetworkSet;
import io.httun.toolkit.tls.ServerTls;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The settings that all kinds of listeners share.
 *
 * @param relay the settings of the relay engine
 * @param logins empty if clients need no login
 * @param tls empty for plain TCP from clients
 * @param proxySenders the addresses that may connect if every connection starts with a PROXY header; empty for no
 *     header
 * @param flows the target of datagrams; empty for a TCP port
 * @param optimistic whether clients are told of success before the target is connected
 */
record ListenerSettings(
        InetSocketAddress bind,
        boolean bindFallback,
        RelaySettings relay,
        int negotiationSeconds,
        Optional<Logins> logins,
        Optional<ServerTls> tls,
        Optional<NetworkSet> proxySenders,
        Optional<DatagramFlows> flows,
        boolean optimistic) {
    private static final int FALLBACKS = 100;

    /**
     * The target of a UDP port's datagrams.
     *
     * @param idleSeconds silence in both directions after which a source's flow ends
     */
    record DatagramFlows(Target target, int idleSeconds) {
        DatagramFlows {
            StrictConfig.range("udp.idle.seconds", idleSeconds, 1, 86_400);
        }
    }

    ListenerSettings {
        StrictConfig.range("negotiation.seconds", negotiationSeconds, 1, 600);
    }

    String name() {
        return relay.name();
    }

    ListeningPort.Wanted wanted() {
        return new ListeningPort.Wanted(
                bind, bindFallback ? FALLBACKS : 0, bindFallback ? "" : ", or set bind.fallback = true");
    }

    /** Whether other machines can reach the port. */
    boolean isOpenToOthers() {
        return !bind.getAddress().isLoopbackAddress();
    }

    /** Whether users have to say who they are, by password or certificate. */
    boolean hasLogin() {
        return logins.isPresent()
                || tls.map(ServerTls::requiresClientCertificate).orElse(false);
    }

    /** Whether other machines can reach the port and neither login, client certificate nor filter limits them. */
    boolean letsEveryoneIn() {
        return isOpenToOthers() && !hasLogin() && asksNoFilter(relay);
    }

    static boolean asksNoFilter(RelaySettings relay) {
        return relay.filters().isEmpty() || relay.filters().equals(List.of("none"));
    }

    /** @param policyUsers empty for listeners without login */
    static RelaySettings relay(
            String name, String[] filters, int connectionsMax, String[] policy, String... policyUsers) {
        return new RelaySettings(
                name,
                List.of(filters),
                connectionsMax,
                RelayPolicies.parse("policy", policy),
                RelayPolicies.parseUsers("policy.users", policyUsers));
    }

    /**
     * Reads {@code proxy.protocol} and {@code proxy.protocol.from}. A sender of the header can claim any source
     * address, so the senders must be named.
     */
    static Optional<NetworkSet> proxySenders(String bind, boolean proxyProtocol, String... from) {
        if (!proxyProtocol) {
            return Optional.empty();
        } else if (from.length > 0) {
            return Optional.of(NetworkSet.parse("proxy.protocol.from", List.of(from)));
        } else if (!parseBind(bind).getAddress().isLoopbackAddress()) {
            throw new ConfigException(
                    "proxy.protocol",
                    true,
                    "needs the addresses of the proxies that may send the header in proxy.protocol.from, because bind = "
                            + bind + " is open to others");
        }
        return Optional.of(NetworkSet.parse("proxy.protocol.from", List.of("loopback")));
    }

    static InetSocketAddress parseBind(String text) {
        return ListenAddress.parseTcp(
                "bind", text, "must be ADDRESS:PORT such as 127.0.0.1:1080, [::1]:1080 or *:1080, port 0 to 65535");
    }
}
