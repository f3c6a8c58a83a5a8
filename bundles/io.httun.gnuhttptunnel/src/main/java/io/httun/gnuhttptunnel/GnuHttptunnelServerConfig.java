// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.gnuhttptunnel~NAME}. */
@ObjectClassDefinition(
        name = "httun: GNU httptunnel server",
        description = "Takes the place of a GNU httptunnel server (hts) on a port of its own. Not encrypted.")
@interface GnuHttptunnelServerConfig {
    @AttributeDefinition(description = "Name of this server, shown by httun:status")
    String name();

    @AttributeDefinition(
            description =
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one."
                            + " Whoever reaches it reaches the target")
    String bind() default "127.0.0.1:8888";

    @AttributeDefinition(description = "Where every tunnel goes: HOST:PORT, IPv6 in brackets")
    String target();

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(description = "Names of the filters that must all allow a target, in order; none = any target")
    String[] filters() default {"none"};

    @AttributeDefinition(description = "Addresses and networks that may come; any = all")
    String[] sources() default {"127.0.0.0/8", "::1"};

    @AttributeDefinition(
            name = "basic.auth.file",
            description = "File with one line user:password that clients must send (mode 0600); stock clients cannot."
                    + " Empty = none")
    String basic_auth_file() default "";

    @AttributeDefinition(
            name = "connections.max",
            description = "Most tunnels at once, 1 to 1000000; each client address has one")
    int connections_max() default 1024;

    @AttributeDefinition(description = "Limits of one connection, each KEY=VALUE, as for every listener")
    String[] policy() default {};

    @AttributeDefinition(
            name = "content.length",
            description = "Length of one GET body in bytes, 100 to 1000000000000000; lower it only for a proxy that"
                    + " limits bodies")
    long content_length() default 1_000_000_000_000_000L;

    @AttributeDefinition(
            name = "pair.seconds",
            description = "Time for a request's head, and for the GET that belongs to a POST or renews another, in"
                    + " seconds, 1 to 600")
    int pair_seconds() default 10;

    @AttributeDefinition(
            name = "idle.seconds",
            description =
                    "Time without a byte from the client, keep-alives included, after which it counts as vanished,"
                            + " in seconds, 10 to 86400")
    int idle_seconds() default 60;
}
