// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.reverse~NAME}. */
@ObjectClassDefinition(
        name = "httun reverse listener",
        description = "Carries every connection to a port of the server to a target at this side")
public @interface ReverseConfig {
    @AttributeDefinition(description = "Name of this listener, shown by httun:reverse-list")
    String name();

    @AttributeDefinition(
            description =
                    "Where the server listens: ADDRESS:PORT of the server, IPv6 in brackets, * for every address; the server's"
                            + " channel has to allow it in reverse.allow")
    String listen();

    @AttributeDefinition(description = "Target of every connection: HOST:PORT as seen from this side, IPv6 in brackets")
    String target();

    @AttributeDefinition(
            name = "Client",
            description = "Which client leads to the server, as an OSGi filter on its properties")
    String client_target() default "(name=home)";

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections to the target, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(
            description = "Names of the filters that must all allow the target, in order; none = any target")
    String[] filters() default {"none"};

    @AttributeDefinition(description = "Number of streams that wait for the next connections, 1 to 64")
    int reverse_waiting() default 4;

    @AttributeDefinition(description = "Maximum of open connections; more are reset")
    int connections_max() default 1_024;

    @AttributeDefinition(
            description =
                    "Limits of a connection, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and of all"
                            + " connections together: total.to, total.from (such as 10mb/s); an absent key means no limit")
    String[] policy() default {};
}
