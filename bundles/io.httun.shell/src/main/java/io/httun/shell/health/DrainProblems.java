// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.DrainStatus;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.util.List;

/** Servers that are drained: a load balancer is to send nothing new there. */
record DrainProblems(Services services) implements HealthSource {
    @Override
    public List<Problem> problems() {
        return services.status(StatusSource::drains).stream()
                .filter(DrainStatus::refusesNew)
                .map(server -> new Problem(
                        server.part(),
                        server.state() + ": takes no new sessions; open " + server.sessions() + ", reset in "
                                + server.leftSeconds() + " s",
                        "httun:drain --end takes new sessions again; stop the server once none is open"))
                .toList();
    }
}
