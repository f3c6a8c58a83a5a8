// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.bridge~NAME}. */
@ObjectClassDefinition(
        name = "httun: bridge client",
        description = "Connects through a bridge server, ours or a stock one. Not encrypted without https.")
@interface BridgeConnectorConfig {
    @AttributeDefinition(description = "Name by which listeners refer to this connector: connector.target=(name=NAME)")
    String name();

    @AttributeDefinition(description = "Where the server is: HOST:PORT, or https://HOST:PORT for TLS; IPv6 in brackets")
    String server();

    @AttributeDefinition(
            name = "tls.trust",
            description =
                    "Whom to trust for an https server: system, a PEM, JKS or PKCS12 file, or none (no check at all but"
                            + " tls.pin)")
    String tls_trust() default "system";

    @AttributeDefinition(
            name = "tls.pin",
            description = "SHA-256 of the server's certificate or of its public key, in hex; several: one must match")
    String[] tls_pin() default {};

    @AttributeDefinition(
            description = "Path of the bridge on the server, for a server of ours with the endpoint's base path")
    String path() default "/bridge";

    @AttributeDefinition(description = "HTTP proxy on the way, HOST:PORT, not for https; empty = none")
    String proxy() default "";

    @AttributeDefinition(
            name = "proxy.auth.file",
            description = "File with one line user:password for the proxy (mode 0600); empty = none")
    String proxy_auth_file() default "";

    @AttributeDefinition(
            name = "basic.auth.file",
            description = "File with one line user:password for the server (mode 0600); empty = none")
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
            description =
                    "Longest time for an answer to GET or PUT, in seconds, 1 to 600; a stock server holds a GET 57 s")
    int answer_seconds() default 75;
}
