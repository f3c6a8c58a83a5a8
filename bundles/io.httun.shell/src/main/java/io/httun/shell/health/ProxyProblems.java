// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.util.List;

/** Proxies on the way out that are left out. Others may do their work meanwhile. */
record ProxyProblems(Services services) implements HealthSource {
    @Override
    public List<Problem> problems() {
        return services.status(StatusSource::proxies).stream()
                .filter(proxy -> proxy.state().equals("dead"))
                .map(proxy -> new Problem(
                        "proxy " + proxy.name(),
                        proxy.address() + " has failed and is left out for now",
                        "start the proxy, or remove it from io.httun.connector.upstream"))
                .toList();
    }
}
