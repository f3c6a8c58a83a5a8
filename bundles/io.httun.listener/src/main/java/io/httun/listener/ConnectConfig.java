// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.listener.connect~NAME}. */
@ObjectClassDefinition(name = "httun CONNECT listener", description = "HTTP proxy: CONNECT and plain http:// requests")
public @interface ConnectConfig {
    @AttributeDefinition(description = "Name of this listener, shown by httun:status")
    String name();

    @AttributeDefinition(
            description =
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one")
    String bind() default "127.0.0.1:8118";

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

    @AttributeDefinition(
            description = "PEM file with the certificate for TLS and its chain, or PKCS#12 file; empty = no TLS")
    String tls_certificate_file() default "";

    @AttributeDefinition(
            description = "PEM file with the private key (PKCS#8, mode 0600); empty = it is in the certificate's file")
    String tls_key_file() default "";

    @AttributeDefinition(
            description = "File with the password of the key or of the PKCS#12 file (mode 0600); empty = none")
    String tls_password_file() default "";

    @AttributeDefinition(
            description = "PEM file of the authorities of client certificates; empty = no client certificates")
    String tls_client_ca_file() default "";

    @AttributeDefinition(description = "Whether to refuse clients without such a certificate")
    boolean tls_client_required() default true;

    @AttributeDefinition(
            description = "Ports allowed for CONNECT: numbers, ranges such as 8000-8100, any, or auto, which is any"
                    + " on loopback and 443 and 22 elsewhere")
    String[] connect_ports() default {"auto"};

    @AttributeDefinition(description = "Whether to forward plain http:// requests")
    boolean forward() default true;

    @AttributeDefinition(
            description =
                    "Ports allowed for such requests, in the format of connect.ports; auto is 80, 443, 591, 777 and 1024-65535")
    String[] forward_ports() default {"auto"};

    @AttributeDefinition(
            description =
                    "Whether such a request may switch protocols (WebSocket); false = the Upgrade header is removed")
    boolean forward_upgrade() default false;

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
