// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.connector.upstream~NAME}. */
@ObjectClassDefinition(name = "httun upstream connector", description = "Connects to targets through other proxies")
public @interface UpstreamConfig {
    @AttributeDefinition(
            description = "Name by which others refer to this connector, as in connector.target=(name=corp). Required.")
    String name();

    @AttributeDefinition(
            description =
                    "The proxies, each 'NAME=URL' with URL http://HOST:PORT (HTTP CONNECT), https://HOST:PORT (the same inside TLS),"
                            + " socks4a://HOST:PORT or socks5://HOST:PORT. At least one.")
    String[] proxies();

    @AttributeDefinition(
            description =
                    "The way to each target, as 'HOST[:PORT] WAY'; the first match decides, a target without a match"
                            + " is refused. HOST may hold * and ?. WAY is 'refuse', 'direct', 'via a' or 'via a, b' (through a to b);"
                            + " alternatives are separated by |, as in 'via a, b | c | direct'. Empty: every target by one of the proxies; a dead proxy"
                            + " is skipped.")
    String[] ways() default {};

    @AttributeDefinition(
            description =
                    "File with a line 'NAME user:password' for every proxy that requires a login, mode 0600; user is"
                            + " DOMAIN\\user for NTLM. None by default.")
    String credentials_file() default "";

    @AttributeDefinition(
            description =
                    "Allowed login schemes at HTTP proxies, the preferred first, of digest, ntlm and basic. Basic reveals the"
                            + " password to eavesdroppers, unless the proxy is https.")
    String[] auth_methods() default {"digest", "ntlm", "basic"};

    @AttributeDefinition(
            description =
                    "Trusted authorities for https proxies: 'system', the path of a PEM, JKS or PKCS12 file, or 'none' (no check"
                            + " at all but tls.pin).")
    String tls_trust() default "system";

    @AttributeDefinition(
            name = "tls.pin",
            description = "SHA-256 digests of certificates or public keys, hex or base64; every https proxy must match"
                    + " one. None by default.")
    String[] tls_pin() default {};

    @AttributeDefinition(description = "Connector to the first proxy of a way, and to direct targets.")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(
            description = "Time limit of one way, all its proxies and logins together, in seconds, 1 to 600.")
    int connect_seconds() default 20;

    @AttributeDefinition(
            description = "Time for which a failed proxy is tried after all others, in seconds, 0 to 86400.")
    int dead_seconds() default 30;

    @AttributeDefinition(
            description =
                    "Drain time of open connections after the connector has gone, in seconds, 0 to 86400; then they are reset.")
    int drain_seconds() default 30;
}
