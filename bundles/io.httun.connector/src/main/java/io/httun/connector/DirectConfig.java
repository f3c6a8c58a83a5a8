// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.direct~NAME}. */
@ObjectClassDefinition(name = "httun direct connector", description = "Connects directly to targets by TCP")
public @interface DirectConfig {
    @AttributeDefinition(
            description = "Name by which others refer to this connector, as in connector.target=(name=direct)")
    String name();

    @AttributeDefinition(description = "Time limit of all attempts on one target together, in seconds")
    int connect_seconds() default 10;

    @AttributeDefinition(description = "Delay before the next address is tried in parallel, in milliseconds (RFC 8305)")
    int attempt_delay_millis() default 250;

    @AttributeDefinition(
            description = "Network interface of outgoing connections (SO_BINDTODEVICE, needs epoll); empty = any")
    String bind_interface() default "";

    @AttributeDefinition(description = "Local IP address of outgoing connections; empty = any")
    String bind_address() default "";

    @AttributeDefinition(description = "Maximum of open connections; more are refused")
    int connections_max() default 8_192;

    @AttributeDefinition(
            description =
                    "Drain time of open connections after the connector has gone, in seconds; then they are reset")
    int drain_seconds() default 30;
}
