// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.metrics}. */
@ObjectClassDefinition(
        name = "httun metrics",
        description = "Metrics and health in Karaf's web server, for Prometheus and others")
public @interface MetricsConfig {
    @AttributeDefinition(description = "Path of the metrics in Karaf's web server, such as /metrics")
    String path() default "/metrics";

    @AttributeDefinition(
            description =
                    "Who may read the metrics: addresses and networks, the word loopback, or the single word off; all"
                            + " others are answered with 404, as is whoever comes through a proxy")
    String[] access() default {"loopback"};

    @AttributeDefinition(
            description =
                    "Whether there are metrics of each user whom io.httun.relay may name; user names are labels then")
    boolean users() default false;

    @AttributeDefinition(description = "Path of the health in Karaf's web server; /live and /ready follow it")
    String health_path() default "/health";

    @AttributeDefinition(description = "Who may read the health, as access")
    String[] health_access() default {"loopback"};
}
