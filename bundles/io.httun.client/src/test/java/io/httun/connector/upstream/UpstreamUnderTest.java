// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.NameResolver;
import io.httun.api.tunnel.EventLoops;
import io.httun.connector.DirectConnector;
import java.util.HashMap;
import java.util.Map;

/** An upstream connector over a direct one, as the framework would put them together. */
public final class UpstreamUnderTest {
    private UpstreamUnderTest() {}

    public static UpstreamConnector make(EventLoops loops, NameResolver resolver, Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("name", "corp");
        return new UpstreamConnector(loops, resolver, new DirectConnector(loops, Map.of("name", "direct")), all);
    }
}
