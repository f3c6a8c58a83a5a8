// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Target;
import io.httun.connector.upstream.UpstreamOverDirect;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client asks to be kept outside of its tunnel. */
class OutsideAddressesTest {
    private final Fixture fixture = new Fixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Set<InetAddress> found(ClientSettings settings) {
        CompletableFuture<Set<InetAddress>> found = new CompletableFuture<>();
        OutsideAddresses.find(
                ClientContext.of(settings, fixture.surroundings()),
                fixture.group().next(),
                found::complete);
        return found.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void serversByNameAndAddress() throws Exception {
        fixture.names.put("server.example", InetAddress.getByName("192.0.2.7"));
        assertThat(found(Fixture.settings(
                        "http://server.example:1",
                        "http://192.0.2.8:2/x",
                        "http://[2001:db8::1]:3",
                        "http://unknown:4")))
                .containsExactlyInAnyOrder(
                        InetAddress.getByName("192.0.2.7"),
                        InetAddress.getByName("192.0.2.8"),
                        InetAddress.getByName("2001:db8::1"));
    }

    @Test
    void theProxyInsteadOfTheServer() throws Exception {
        fixture.names.put("proxy.example", InetAddress.getByName("192.0.2.9"));
        fixture.connector = UpstreamOverDirect.make(
                fixture,
                fixture,
                Map.of("proxies", "p=http://proxy.example:3128", "ways", "direct.example direct, * via p"));
        fixture.names.put("direct.example", InetAddress.getByName("192.0.2.10"));
        WayOut through = new WayOut("(name=corp)", false, true, true);
        assertThat(found(Fixture.settings(through, "http://192.0.2.8:2")))
                .containsExactly(InetAddress.getByName("192.0.2.9"));
        assertThat(found(Fixture.settings(through, "http://direct.example:2")))
                .containsExactly(InetAddress.getByName("192.0.2.10"));
    }

    @Test
    void theServerWhileTheConnectorIsMissing() throws Exception {
        assertThat(OutsideAddresses.hops(ClientContext.of(
                        Fixture.settings(new WayOut("(name=corp)", false, true, true), "http://192.0.2.8:2"),
                        fixture.surroundings())))
                .containsExactly(Target.of("192.0.2.8", 2));
    }
}
