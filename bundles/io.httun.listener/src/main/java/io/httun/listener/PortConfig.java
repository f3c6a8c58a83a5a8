// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.listener.port~NAME}. */
@ObjectClassDefinition(
        name = "httun port listener",
        description = "Carries every connection to one local port to one target")
public @interface PortConfig {
    @AttributeDefinition(description = "Name of this listener, shown by httun:status")
    String name();

    @AttributeDefinition(
            description =
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one;"
                            + " udp:ADDRESS:PORT for datagrams")
    String bind();

    @AttributeDefinition(description = "Whether to take the next free port, up to 100 further, where the port is taken")
    boolean bind_fallback() default false;

    @AttributeDefinition(
            description = "Target of every connection: HOST:PORT, IPv6 in brackets; udp:HOST:PORT for datagrams")
    String target();

    @AttributeDefinition(
            description = "Idle time after which the flow of a datagram source ends, in seconds; with udp: addresses")
    int udp_idle_seconds() default 120;

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(description = "Names of the filters that must all allow a target, in order; none = any target")
    String[] filters() default {"none"};

    @AttributeDefinition(description = "Maximum of open connections; more are reset")
    int connections_max() default 1_024;

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

    @AttributeDefinition(description = "Whether to use TLS to the target")
    boolean target_tls() default false;

    @AttributeDefinition(
            description = "Name of the target for SNI and in its certificate; empty = the host of the target")
    String target_tls_name() default "";

    @AttributeDefinition(
            description =
                    "Trusted authorities for the target: system, a PEM, JKS or PKCS12 file, or none (no check at all but the pin)")
    String target_tls_trust() default "system";

    @AttributeDefinition(
            description = "SHA-256 of the target's certificate or of its public key, in hex; several: one must match")
    String[] target_tls_pin() default {};

    @AttributeDefinition(
            description =
                    "Limits of a connection, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and of all"
                            + " connections together: total.to, total.from (such as 10mb/s); an absent key means no limit")
    String[] policy() default {};
}
