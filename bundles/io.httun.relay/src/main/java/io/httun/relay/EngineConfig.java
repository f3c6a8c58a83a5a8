// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.relay}. */
@ObjectClassDefinition(name = "httun relay", description = "Statistics of connections, for all listeners")
public @interface EngineConfig {
    @AttributeDefinition(
            description = "Whether to write one line of JSON for every connection that has ended, to the logger"
                    + " io.httun.connections")
    boolean log_json() default false;

    @AttributeDefinition(
            description = "What log lines and events tell of people: some of target, user, source; nobody = none of it")
    String[] statistics_tell() default {"nobody"};
}
