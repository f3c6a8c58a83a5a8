// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.endpoint.netty~NAME}. */
@ObjectClassDefinition(
        name = "httun standalone HTTP server",
        description = "Where tunnel requests come in without any web server: HTTP/1.1 and HTTP/2, plain and with TLS")
public @interface NettyEndpointConfig {
    @AttributeDefinition(description = "Name of this endpoint in the shell and in logs")
    String name() default "default";

    @AttributeDefinition(
            description = "Where to listen: ADDRESS:PORT, tls:ADDRESS:PORT or unix:PATH; IPv6 in brackets, * for every"
                    + " address, port 0 for any free one")
    String[] listen() default {"127.0.0.1:8080"};

    @AttributeDefinition(
            description =
                    "Owner of Unix sockets, USER, USER:GROUP or :GROUP by name; empty = the user this process runs as")
    String socket_owner() default "";

    @AttributeDefinition(description = "Mode of Unix sockets, octal: who may write to it may send requests")
    String socket_mode() default "0660";

    @AttributeDefinition(
            description =
                    "Base path: empty, or begins with '/' and does not end with it; letters, digits, '-', '_' and '/'")
    String path() default "";

    @AttributeDefinition(description = "Whether HTTP/2 is spoken, too: by ALPN, with prior knowledge or by upgrade")
    boolean http2() default true;

    @AttributeDefinition(
            description = "Certificate chain as PEM, or a PKCS#12 file with key and chain; read anew when it changes")
    String tls_certificate_file() default "";

    @AttributeDefinition(description = "Private key as PEM (PKCS#8); empty where the certificate file is PKCS#12")
    String tls_key_file() default "";

    @AttributeDefinition(description = "File with the password of the private key or of the PKCS#12 file; empty = none")
    String tls_password_file() default "";

    @AttributeDefinition(
            description =
                    "What encrypts: jdk, openssl (BoringSSL), or auto = openssl where it is there for the system and the"
                            + " key",
            options = {@Option("auto"), @Option("jdk"), @Option("openssl")})
    String tls_engine() default "auto";

    @AttributeDefinition(
            description = "Addresses and networks (CIDR) of the proxies in front, or unix for all of the Unix domain"
                    + " sockets' peers: only they are believed whom they speak for")
    String[] proxies() default {};

    @AttributeDefinition(description = "Whether connections from a proxy begin with a PROXY protocol header, v1 or v2")
    boolean proxy_protocol() default false;

    @AttributeDefinition(
            description = "Header in which a proxy names its client: x-forwarded-for, forwarded or none",
            options = {@Option("x-forwarded-for"), @Option("forwarded"), @Option("none")})
    String proxy_header() default "x-forwarded-for";

    @AttributeDefinition(description = "Headers added to every reply, each Name: value")
    String[] extra_headers() default {};

    @AttributeDefinition(
            description = "What everyone else gets: none = 404, page = a plain page, or the path of a folder of static"
                    + " files, at most 16 MiB in all; read anew when they change")
    String site() default "none";

    @AttributeDefinition(
            description =
                    "Most connections in all; the oldest one without an authenticated client is closed for a new one,"
                            + " and more are answered 503")
    int connections_max() default 16_384;

    @AttributeDefinition(
            description = "Most connections from one address (IPv6: one /64), proxies excepted; more are answered 503")
    int connections_per_address() default 4_096;

    @AttributeDefinition(description = "Longest request line and longest header section, in bytes each")
    int head_max() default 20_480;

    @AttributeDefinition(description = "Largest request body, in bytes")
    int body_max() default 1_048_576;

    @AttributeDefinition(
            description = "Time for a request's head, for TLS and for the PROXY header before it, in seconds")
    int head_seconds() default 10;

    @AttributeDefinition(description = "Time in which a request's body must bring 4 KiB or its end, in seconds")
    int body_seconds() default 30;

    @AttributeDefinition(description = "Time in which a client must receive some of a reply, in seconds")
    int reply_seconds() default 30;

    @AttributeDefinition(description = "Time without a request after which a connection is closed, in seconds")
    int idle_seconds() default 120;
}
