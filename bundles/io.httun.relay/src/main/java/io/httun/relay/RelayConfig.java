// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.relay}. */
@ObjectClassDefinition(name = "httun relay", description = "Limits and statistics that all listeners share")
public @interface RelayConfig {
    @AttributeDefinition(
            description = "Maximum of open connections of all listeners together, 1 to 1048576; beyond it new ones are"
                    + " refused")
    int connections_max() default 16_384;

    @AttributeDefinition(
            description = "Maximum of the queued bytes of all connections, in percent of the heap or of direct"
                    + " memory, whichever is smaller, 1 to 90; beyond it new connections are refused")
    int queues_percent() default 50;

    @AttributeDefinition(
            description = "Whether to log one line of JSON for each ended connection, to the logger"
                    + " io.httun.connections")
    boolean log_json() default false;

    @AttributeDefinition(
            description = "Personal data in log lines and events: some of target, user, source; nobody = none")
    String[] statistics_tell() default {"nobody"};
}
