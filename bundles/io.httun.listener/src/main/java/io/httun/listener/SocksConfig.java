// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.listener.socks~NAME}. */
@ObjectClassDefinition(name = "httun SOCKS listener", description = "SOCKS 4, 4a and 5 with the command CONNECT")
public @interface SocksConfig {
    @AttributeDefinition(description = "Name of this listener, shown by httun:status")
    String name();

    @AttributeDefinition(
            description =
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one")
    String bind() default "127.0.0.1:1080";

    @AttributeDefinition(description = "Whether to take the next free port, up to 100 further, where the port is taken")
    boolean bind_fallback() default false;

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(description = "Names of the filters that must all allow a target, in order; none = any target")
    String[] filters() default {"none"};

    @AttributeDefinition(description = "Most connections at once; more are reset")
    int connections_max() default 1_024;

    @AttributeDefinition(description = "Time that a client has to say what it wants, in seconds")
    int negotiation_seconds() default 10;

    @AttributeDefinition(description = "File with one user:password per line (mode 0600); empty = nobody has to log in")
    String users_file() default "";

    @AttributeDefinition(
            description =
                    "Time without a byte in either direction after which a connection is reset, in seconds; 0 = never")
    int idle_seconds() default 0;
}
