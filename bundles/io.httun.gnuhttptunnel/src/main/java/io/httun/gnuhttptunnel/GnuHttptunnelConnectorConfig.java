// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.gnuhttptunnel~NAME}. */
@ObjectClassDefinition(
        name = "httun: GNU httptunnel client",
        description = "Connects through a GNU httptunnel server (hts) to that server's one target. Not encrypted.")
@interface GnuHttptunnelConnectorConfig {
    @AttributeDefinition(description = "Name by which listeners refer to this connector: connector.target=(name=NAME)")
    String name();

    @AttributeDefinition(description = "Where the server is: HOST:PORT, IPv6 in brackets")
    String server();

    @AttributeDefinition(
            description = "What the server is configured to connect to, HOST:PORT: other targets are refused. Empty ="
                    + " whatever is asked for goes to the server's target")
    String target() default "";

    @AttributeDefinition(description = "HTTP proxy on the way, HOST:PORT; empty = none")
    String proxy() default "";

    @AttributeDefinition(
            name = "proxy.auth.file",
            description = "File with one line user:password for the proxy (mode 0600); empty = none")
    String proxy_auth_file() default "";

    @AttributeDefinition(
            name = "basic.auth.file",
            description = "File with one line user:password for a server of ours (mode 0600); empty = none")
    String basic_auth_file() default "";

    @AttributeDefinition(name = "user.agent", description = "The User-Agent header; empty = none is sent")
    String user_agent() default "";

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector connects to the server or the proxy, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(
            name = "content.length",
            description = "Length of one POST body in bytes, 100 to 1000000000000000; 0 = 500000 through a proxy, since"
                    + " Squid before 6.13 breaks off longer ones, and 1000000000000000 without")
    long content_length() default 0;

    @AttributeDefinition(
            name = "connect.seconds",
            description = "Longest time until the server has answered, in seconds, 1 to 600")
    int connect_seconds() default 20;

    @AttributeDefinition(
            name = "idle.seconds",
            description =
                    "Time without a byte from the server, keep-alives included, after which it counts as vanished,"
                            + " in seconds, 10 to 86400")
    int idle_seconds() default 60;

    @AttributeDefinition(
            name = "queue.max",
            description = "Most connections that wait for their turn, since a server carries one at a time, 0 to 10000")
    int queue_max() default 64;

    @AttributeDefinition(name = "queue.seconds", description = "Longest wait for a turn, in seconds, 1 to 3600")
    int queue_seconds() default 30;
}
