// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.web.AllowedPeers;
import io.httun.toolkit.web.PublishedServlet;
import java.util.Map;

/**
 * What the metrics are configured to be.
 *
 * @param path of the servlet
 * @param access to it
 * @param users whether users' names are labels
 * @param healthPath of the health's servlet
 * @param healthAccess to it
 */
record MetricsSettings(String path, AllowedPeers access, boolean users, String healthPath, AllowedPeers healthAccess) {
    static MetricsSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                MetricsConfig.class,
                properties,
                config -> new MetricsSettings(
                        PublishedServlet.path("path", config.path()),
                        AllowedPeers.of("access", config.access()),
                        config.users(),
                        PublishedServlet.path("health.path", config.health_path()),
                        AllowedPeers.of("health.access", config.health_access())));
    }
}
