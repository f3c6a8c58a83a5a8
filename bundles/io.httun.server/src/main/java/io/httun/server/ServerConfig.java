// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.server}. */
@ObjectClassDefinition(
        name = "httun server",
        description =
                "What all channels of the tunnel server share. Runs with defaults where there is no configuration.")
public @interface ServerConfig {
    @AttributeDefinition(
            description = "UUID by which clients know this server, made with: httun gen-uuid. Default: a new one at"
                    + " every start.")
    String uuid() default "";

    @AttributeDefinition(
            description = "Number of this server among those behind one load balancer, 1 to 255, each once. Clients"
                    + " write it into the paths of their requests, by which the load balancer finds the server."
                    + " Default: 0, none.")
    int node() default 0;

    @AttributeDefinition(
            description = "URL under which clients reach this server, such as https://tunnel.example.org/httun; httun"
                    + " invite puts it into the links that it prints. Default: empty, the one that the command names.")
    String public_url() default "";

    @AttributeDefinition(description = "Most sessions that one channel may have, 1 to 65536. Default: 1024.")
    int sessions_max() default 1024;

    @AttributeDefinition(
            description = "Most sessions that all channels may have together, 1 to 1048576; as many more may wait for"
                    + " their first frame. Beyond it a new client's init is answered 503. Default: 16384.")
    int sessions_total_max() default 16_384;

    @AttributeDefinition(
            description = "Seconds without a valid frame after which a session ends, 6 to 3600. Default: 30.")
    int sessions_idle_seconds() default 30;

    @AttributeDefinition(
            description =
                    "Seconds for which a session of a stock client lives that has got bytes and asks for no more, since its"
                            + " application does not read, 6 to 86400. Where sessions or memory run out, the one that has paused"
                            + " longest ends for a new client. Default: 14400.")
    int sessions_paused_seconds() default 14_400;

    @AttributeDefinition(
            description =
                    "Seconds for which the connections of a silent client of ours are kept, 6 to 86400: for as long its"
                            + " sleep or a change of its network cuts none. Default: 600.")
    int resume_seconds() default 600;

    @AttributeDefinition(
            description =
                    "Most new sessions per second and channel, 1 to 10000: each costs a key agreement. Inits that were"
                            + " seen before are limited to 20 of these. Default: 1000.")
    int inits_per_second() default 1000;

    @AttributeDefinition(
            description =
                    "Most requests per second of one address that no session expects, before one proves itself, 1 to"
                            + " 100000. Beyond it they get 503 and cost less; sessions go on. Default: 500.")
    int strangers_per_second() default 500;

    @AttributeDefinition(
            description =
                    "Memory that bytes which wait on all connections may take, in percent of the heap or of direct"
                            + " memory, whichever is smaller, 1 to 90. Beyond it a new client's init is answered 503."
                            + " Default: 50.")
    int queues_percent() default 50;

    @AttributeDefinition(
            description = "Whether log messages may name the addresses of clients, true or false. Default: false.")
    boolean log_client_addresses() default false;

    @AttributeDefinition(
            description = "Provider that seals and opens frames, as an OSGi filter such as"
                    + " (httun.crypto.provider=jca). Default: the one of highest ranking.")
    String cipher_target() default "";

    @AttributeDefinition(
            description = "Provider of X25519 and SHA3, as an OSGi filter such as"
                    + " (httun.crypto.provider=bouncycastle). Default: the one of highest ranking.")
    String agreement_target() default "";
}
