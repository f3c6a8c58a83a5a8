// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.relay}. */
@ObjectClassDefinition(name = "httun relay", description = "What all listeners share: limits and statistics")
public @interface EngineConfig {
    @AttributeDefinition(
            description =
                    "Most connections that all listeners may have open together, 1 to 1048576; beyond it new ones are"
                            + " refused")
    int connections_max() default 16_384;

    @AttributeDefinition(
            description =
                    "Memory that bytes which wait on all connections may take, in percent of the heap or of direct"
                            + " memory, whichever is smaller, 1 to 90; beyond it new connections are refused")
    int queues_percent() default 50;

    @AttributeDefinition(
            description = "Whether to write one line of JSON for every connection that has ended, to the logger"
                    + " io.httun.connections")
    boolean log_json() default false;

    @AttributeDefinition(
            description = "What log lines and events tell of people: some of target, user, source; nobody = none of it")
    String[] statistics_tell() default {"nobody"};
}
