// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Factory PID {@code io.httun.channel}. */
@ObjectClassDefinition(name = "httun channel", description = "A channel of the tunnel server.")
public @interface ChannelConfig {
    @AttributeDefinition(description = "Name in logs and shell output, 1 to 64 of A-Z a-z 0-9 - _ . and required.")
    String name();

    @AttributeDefinition(description = "Channel id, 0 to 32767, the same at the client. Required.")
    int id();

    @AttributeDefinition(
            description = "File, readable by its owner only, that holds the shared secret as 64 hex digits; made with:"
                    + " httun gen-key FILE. Required unless secret is set.")
    String secret_file() default "";

    @AttributeDefinition(
            description = "The shared secret itself, 64 hex digits. Karaf's config:list shows it: prefer secret.file."
                    + " Default: empty.")
    String secret() default "";

    @AttributeDefinition(description = "Whether the channel is served, true or false. Default: true.")
    boolean enabled() default true;

    @AttributeDefinition(description = "Whether the test operations are answered, true or false. Default: false.")
    boolean test() default false;

    @AttributeDefinition(description = "Whether connections to targets are made, true or false. Default: true.")
    boolean l7() default true;

    @AttributeDefinition(
            description = "Names of the filters that must all allow a target; while one is missing, new connections are"
                    + " refused. The single word none: any target. Default: default.")
    String[] filters() default {"default"};

    @AttributeDefinition(
            description = "Connector that makes the connections to targets, as an OSGi filter. Default: (name=direct).")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(
            description = "How many frames out of order replay protection remembers, 1 to 32767. Default: 1024.")
    int window_length() default 1024;

    @AttributeDefinition(
            description = "File, readable by its owner only, that holds one line user:password for HTTP basic"
                    + " authentication. Default: empty, none.")
    String basic_auth_file() default "";

    @AttributeDefinition(
            description =
                    "Headers added to every reply to an authenticated request, each as Name: value. Default: none.")
    String[] extra_headers() default {};

    @AttributeDefinition(
            description = "Seconds after which an idle connection to a target is closed, 1 to 86400: neither bytes nor"
                    + " a client that still asks for some; once the client has closed: no bytes. Default: 30.")
    int idle_seconds() default 30;

    @AttributeDefinition(
            description =
                    "TUN device for IP packets of this channel's clients, as an OSGi filter such as (name=office)."
                            + " Default: empty, no IP packets.")
    String tun_target() default "";

    @AttributeDefinition(
            description = "Which client may use which addresses, each UUID=ADDRESS[/BITS] with further addresses behind"
                    + " spaces; the UUID as in the client's configuration. Who is not listed may send nothing. Default: none, a"
                    + " client has the addresses that it was the first to send from, up to 256.")
    String[] tun_clients() default {};

    @AttributeDefinition(
            description = "Whether a packet is dropped that a client sends from an address of another client or, with"
                    + " tun.clients, from one not assigned to it, true or false. Default: true.")
    boolean tun_antispoof() default true;

    @AttributeDefinition(
            description =
                    "Names of the packet filters that must all allow an IP packet, in either direction; while one is"
                            + " missing, every packet is dropped. The single word none: any packet. Default: none.")
    String[] tun_filters() default {"none"};
}
