// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.listener.connect~NAME}. */
@ObjectClassDefinition(name = "httun CONNECT listener", description = "HTTP proxy with the method CONNECT")
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
            description = "PEM file of authorities whose client certificates are asked for; empty = none are")
    String tls_client_ca_file() default "";

    @AttributeDefinition(description = "Whether a client without such a certificate is turned away")
    boolean tls_client_required() default true;

    @AttributeDefinition(
            description =
                    "Ports that CONNECT may lead to: numbers, ranges such as 8000-8100, any, or auto, which is any"
                            + " on loopback and 443 and 22 elsewhere")
    String[] connect_ports() default {"auto"};

    @AttributeDefinition(description = "Whether requests for plain http:// are forwarded as well")
    boolean forward() default true;

    @AttributeDefinition(
            description =
                    "Whether such a request may change to another protocol (WebSocket); false = the wish is dropped")
    boolean forward_upgrade() default false;

    @AttributeDefinition(
            description =
                    "What a connection may cost, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and all of"
                            + " them together: total.to, total.from (such as 10mb/s); what is not named is not limited")
    String[] policy() default {};

    @AttributeDefinition(description = "Policies of single users in place of that one, each USER: KEY=VALUE; KEY=VALUE")
    String[] policy_users() default {};
}
