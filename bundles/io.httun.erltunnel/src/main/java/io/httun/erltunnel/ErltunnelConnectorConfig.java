// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.erltunnel~NAME}. */
@ObjectClassDefinition(
        name = "httun: Erltunnel client",
        description = "Connects to IPv4 targets through an Erltunnel server, ours or a stock one. Not encrypted.")
@interface ErltunnelConnectorConfig {
    @AttributeDefinition(description = "Name by which listeners refer to this connector: connector.target=(name=NAME)")
    String name();

    @AttributeDefinition(description = "Where the server is: HOST:PORT, IPv6 in brackets")
    String server();

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

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector connects to the server or the proxy, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(
            name = "connect.seconds",
            description = "Longest time until the server has connected to the target, in seconds, 1 to 600")
    int connect_seconds() default 30;

    @AttributeDefinition(
            name = "answer.seconds",
            description = "Longest time for an answer to a message, in seconds, 1 to 600")
    int answer_seconds() default 30;
}
