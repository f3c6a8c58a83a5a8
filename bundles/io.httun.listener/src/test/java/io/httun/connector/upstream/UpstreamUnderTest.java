// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.listen.OwnListeners;
import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import java.util.List;
import java.util.Map;

/** An upstream connector with the calls of the OSGi framework. */
public final class UpstreamUnderTest {
    private final List<String> proxies;
    private final UpstreamConnector connector;

    public UpstreamUnderTest(
            EventLoops loops,
            NameResolver resolver,
            OwnListeners sockets,
            TargetConnector below,
            List<String> proxies,
            String... ways) {
        this.proxies = proxies;
        this.connector = new UpstreamConnector(loops, resolver, sockets, () -> below, properties(ways));
    }

    private Map<String, Object> properties(String... ways) {
        return Map.of("name", "corp", "proxies", proxies, "ways", List.of(ways));
    }

    public TargetConnector connector() {
        return connector;
    }

    public void change(String... ways) {
        connector.modified(properties(ways));
    }
}
