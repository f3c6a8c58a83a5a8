// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.direct~NAME}. */
@ObjectClassDefinition(name = "httun direct connector", description = "Connects to targets by TCP")
public @interface DirectConfig {
    @AttributeDefinition(
            description = "Name by which others refer to this connector, as in connector.target=(name=direct)")
    String name();

    @AttributeDefinition(description = "Time for all attempts on one target together, in seconds")
    int connect_seconds() default 10;

    @AttributeDefinition(
            description =
                    "How long one address is tried alone before the next one is tried as well, in milliseconds (RFC 8305)")
    int attempt_delay_millis() default 250;

    @AttributeDefinition(
            description =
                    "Network interface that connections leave through (SO_BINDTODEVICE, needs epoll); empty = any")
    String bind_interface() default "";

    @AttributeDefinition(description = "Local IP address that connections leave from; empty = any")
    String bind_address() default "";

    @AttributeDefinition(description = "Most connections at once; more are refused")
    int connections_max() default 8_192;

    @AttributeDefinition(
            description =
                    "How long open connections run on after the connector has gone, in seconds; then they are reset")
    int drain_seconds() default 30;
}
