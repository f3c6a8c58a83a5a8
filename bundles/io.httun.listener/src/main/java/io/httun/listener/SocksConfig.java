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

    @AttributeDefinition(description = "Maximum of open connections; more are refused")
    int connections_max() default 1_024;

    @AttributeDefinition(description = "Time limit for the negotiation with a client, in seconds")
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
                    "Whether every connection must start with a PROXY protocol header (version 1 or 2), which names the"
                            + " client's address; only behind a proxy that sends it")
    boolean proxy_protocol() default false;

    @AttributeDefinition(
            description =
                    "Addresses and networks of the proxies that may send that header, others are reset; empty = loopback, where"
                            + " bind is a loopback address, and otherwise required with proxy.protocol")
    String[] proxy_protocol_from() default {};

    @AttributeDefinition(description = "Whether to serve UDP ASSOCIATE, if the connector carries datagrams")
    boolean udp() default true;

    @AttributeDefinition(
            description =
                    "Whether to report success before the target is connected, which saves a round trip; a target that cannot be"
                            + " reached then appears as a reset")
    boolean optimistic() default false;

    @AttributeDefinition(
            description =
                    "Limits of a connection, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and of all"
                            + " connections together: total.to, total.from (such as 10mb/s); an absent key means no limit")
    String[] policy() default {};

    @AttributeDefinition(
            description = "Policies of single users instead of the common one, each USER: KEY=VALUE; KEY=VALUE")
    String[] policy_users() default {};
}
