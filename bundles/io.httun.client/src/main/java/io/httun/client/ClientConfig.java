// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Factory configuration {@code io.httun.client~NAME}: the client's end of one tunnel channel. */
@ObjectClassDefinition(
        name = "httun: tunnel client",
        description = "The client's end of a tunnel channel: a connector whose connections travel in HTTP requests.")
@interface ClientConfig {
    @AttributeDefinition(
            description = "Name by which listeners refer to this client: connector.target=(name=NAME). Required.")
    String name();

    @AttributeDefinition(
            description = "Where the server is: http:// or https:// URLs with the server's path prefix, without the"
                    + " channel. At least one. The next one is tried when one fails.")
    String[] urls();

    @AttributeDefinition(description = "Channel id, 0 to 32767, as on the server.")
    int id() default 0;

    @AttributeDefinition(
            name = "secret.file",
            description = "File with the channel's shared secret, 64 hex digits, mode 0600 (httun gen-key FILE).")
    String secret_file() default "";

    @AttributeDefinition(
            description = "The shared secret itself, 64 hex digits. Visible in config:list: use secret.file instead.")
    String secret() default "";

    @AttributeDefinition(
            name = "basic.auth.file",
            description = "File with one line user:password for HTTP basic authentication. None by default.")
    String basic_auth_file() default "";

    @AttributeDefinition(name = "user.agent", description = "The user-agent header. Empty: none is sent.")
    String user_agent() default "";

    @AttributeDefinition(
            name = "extra.headers",
            description = "Further request headers, each 'Name: value'. An empty value removes the header.")
    String[] extra_headers() default {};

    @AttributeDefinition(
            name = "address.family",
            description = "Which addresses come first where a name has several: the server's and the target's.",
            options = {@Option("any"), @Option("ipv4"), @Option("ipv6")})
    String address_family() default "any";

    @AttributeDefinition(
            name = "tls.trust",
            description = "Whom to trust for https: 'system', the path of a PEM, JKS or PKCS12 file, or 'none' (no"
                    + " check at all but tls.pin).")
    String tls_trust() default "system";

    @AttributeDefinition(
            name = "tls.trust.password.file",
            description = "File with the password of a JKS or PKCS12 trust store. None by default.")
    String tls_trust_password_file() default "";

    @AttributeDefinition(
            name = "tls.pin",
            description = "SHA-256 of the server's certificate or of its public key (SPKI), in hex or base64; one of"
                    + " them must match. None by default.")
    String[] tls_pin() default {};

    @AttributeDefinition(
            name = "sessions.max",
            description = "Most sessions at once without streams, 1 to 65536. One session carries one connection.")
    int sessions_max() default 1024;

    @AttributeDefinition(
            name = "queue.max",
            description = "Most connections that wait for their turn against a stock server, 0 to 65536.")
    int queue_max() default 64;

    @AttributeDefinition(
            name = "queue.seconds",
            description = "Longest wait for a turn against a stock server, in seconds, 1 to 3600.")
    int queue_seconds() default 30;

    @AttributeDefinition(
            name = "window.length",
            description = "How many sequence numbers the replay window remembers, 1 to 32767.")
    int window_length() default 1024;

    @AttributeDefinition(
            name = "connect.seconds",
            description = "Longest time for one connection to the server, TLS included, in seconds, 1 to 60.")
    int connect_seconds() default 5;

    @AttributeDefinition(
            name = "init.seconds",
            description = "Longest time without a byte while the answer to an init is due, in seconds, 1 to 60.")
    int init_seconds() default 5;

    @AttributeDefinition(
            name = "write.seconds",
            description =
                    "Longest time without a byte while the answer to a w request is due, in seconds, 1 to 60; longer for large"
                            + " requests that are repeated.")
    int write_seconds() default 3;

    @AttributeDefinition(
            name = "read.seconds",
            description =
                    "Longest time without a byte while the answer to an r request is due, in seconds, 6 to 60: a server holds"
                            + " it 5 s.")
    int read_seconds() default 8;

    @AttributeDefinition(
            description =
                    "What goes through the tunnel: 'connections' of listeners, or the IP packets of a 'tun' device.",
            options = {@Option("connections"), @Option("tun")})
    String mode() default "connections";

    @AttributeDefinition(
            name = "tun.target",
            description = "TUN device whose packets are carried where mode = tun, as a filter such as (name=office).")
    String tun_target() default "";

    @AttributeDefinition(
            name = "tun.filters",
            description =
                    "Names of the packet filters that must all allow an IP packet, in either direction; while one is"
                            + " missing, every packet is dropped. The single word none: any packet.")
    String[] tun_filters() default {"none"};

    @AttributeDefinition(
            description =
                    "UUID by which the server knows this client where mode = tun (httun gen-uuid). Empty: a new one"
                            + " at every start.")
    String uuid() default "";

    @AttributeDefinition(
            name = "cipher.target",
            description = "Filter that chooses the frame cipher, e.g. (httun.crypto.provider=jca). Empty: the best.")
    String cipher_target() default "";

    @AttributeDefinition(
            name = "agreement.target",
            description = "Filter that chooses the key agreement, e.g. (httun.crypto.provider=bouncycastle). Empty:"
                    + " the best.")
    String agreement_target() default "";

    @AttributeDefinition(
            name = "connector.target",
            description =
                    "Connector that makes the connections to the server, e.g. (name=corp) for one that goes through"
                            + " proxies. While it is missing there is no connection. Empty: directly.")
    String connector_target() default "";

    @AttributeDefinition(
            name = "http.proxy",
            description =
                    "How requests go through an HTTP proxy of connector.target: 'tunnel' inside CONNECT, 'forward' as"
                            + " plain requests that the proxy forwards, for a proxy that refuses CONNECT (https URLs are tunnelled"
                            + " nevertheless).",
            options = {@Option("tunnel"), @Option("forward")})
    String http_proxy() default "tunnel";

    @AttributeDefinition(
            name = "http.keep.alive",
            description =
                    "Whether connections serve more than one request. 'false' for proxies that break kept ones: slow. Where it is"
                            + " not set, the client learns it.")
    boolean http_keep_alive() default true;

    @AttributeDefinition(
            name = "http.batches",
            description =
                    "Whether a body may hold several frames, up to 1 MiB, where the server can, as streams need. 'false' for proxies that"
                            + " limit bodies: at most one frame of 64 KiB, slow over a distance.")
    boolean http_batches() default true;

    @AttributeDefinition(
            description =
                    "Whether all connections share one session as streams, where the server is one of ours and can, too."
                            + " Default: true.")
    boolean streams() default true;

    @AttributeDefinition(
            name = "http.connections.max",
            description =
                    "Most HTTP connections to the server of one pipe, or of a client that carries packets, 2 to 128. There is"
                            + " one pipe for each event loop, and only where the server is one of ours. Where it is not set, fewer if the"
                            + " client learns that no more pass. Default: 32.")
    int http_connections_max() default 32;

    @AttributeDefinition(
            name = "resume.seconds",
            description =
                    "For how long connections outlive the server's silence, 0 to 86400, where the server is one of"
                            + " ours; its own resume.seconds should not be less. Default: 600.")
    int resume_seconds() default 600;
}
