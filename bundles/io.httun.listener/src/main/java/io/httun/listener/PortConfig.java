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
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one")
    String bind();

    @AttributeDefinition(description = "Whether to take the next free port, up to 100 further, where the port is taken")
    boolean bind_fallback() default false;

    @AttributeDefinition(description = "Where every connection goes: HOST:PORT, IPv6 in brackets")
    String target();

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(description = "Names of the filters that must all allow a target, in order; none = any target")
    String[] filters() default {"none"};

    @AttributeDefinition(description = "Most connections at once; more are reset")
    int connections_max() default 1_024;

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

    @AttributeDefinition(description = "Whether to speak TLS with the target")
    boolean target_tls() default false;

    @AttributeDefinition(
            description = "Name of the target for SNI and in its certificate; empty = the host of the target")
    String target_tls_name() default "";

    @AttributeDefinition(
            description = "Whom to trust for it: system, a PEM file of certificates, or none (then a pin is required)")
    String target_tls_trust() default "system";

    @AttributeDefinition(
            description = "SHA-256 of the target's certificate or of its public key, in hex; several: one must match")
    String[] target_tls_pin() default {};

    @AttributeDefinition(
            description =
                    "What a connection may cost, as KEY=VALUE: idle, life, half.closed, connect, grace (durations such"
                            + " as 10m), rate.min, rate.to, rate.from (such as 10mb/s), bytes (such as 1gb), per.source; and all of"
                            + " them together: total.to, total.from (such as 10mb/s); what is not named is not limited")
    String[] policy() default {};
}
