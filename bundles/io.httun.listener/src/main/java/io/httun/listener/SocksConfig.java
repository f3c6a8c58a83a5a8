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

    @AttributeDefinition(description = "Most connections at once; more are turned away")
    int connections_max() default 1_024;

    @AttributeDefinition(description = "Time that a client has to say what it wants, in seconds")
    int negotiation_seconds() default 10;

    @AttributeDefinition(
            description =
                    "File with one USER:HASH per line (mode 0600), bcrypt or SCRAM, as httun:user-add makes it; empty = none")
    String users_file() default "";

    @AttributeDefinition(
            description = "JAAS realm whose users may log in, such as karaf, instead of a file; empty = none")
    String users_realm() default "";

    @AttributeDefinition(
            description =
                    "Whether every connection must start with a PROXY protocol header (version 1 or 2), whose source"
                            + " counts then; only behind a proxy that sends one")
    boolean proxy_protocol() default false;

    @AttributeDefinition(description = "Whether UDP ASSOCIATE is served, where the connector carries datagrams")
    boolean udp() default true;

    @AttributeDefinition(
            description =
                    "What a connection may cost, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and all of"
                            + " them together: total.to, total.from (such as 10mb/s); what is not named is not limited")
    String[] policy() default {};

    @AttributeDefinition(description = "Policies of single users in place of that one, each USER: KEY=VALUE; KEY=VALUE")
    String[] policy_users() default {};
}
