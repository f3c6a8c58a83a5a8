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
                    + " httun gen-key FILE. httun:channel-rotate adds a second one to it. Required unless secret is"
                    + " set.")
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
            description = "Seconds after which an idle connection to a target is reset, 1 to 86400: no bytes, and a"
                    + " client that neither asks for some nor pauses. A stock client that has closed keeps it with bytes only."
                    + " Default: 30.")
    int idle_seconds() default 30;

    @AttributeDefinition(
            description = "What each connection may cost, such as bytes=10gb, rate.from=10mb/s, life=8h; keys as for"
                    + " listeners. Default: none, no limit.")
    String[] policy() default {};

    @AttributeDefinition(
            description = "Most bytes of both directions in a calendar day, week or month, each SIZE/day, SIZE/week or"
                    + " SIZE/month, such as 10gb/month; once they are used up, sessions end and new ones get 503."
                    + " Default: none, no limit.")
    String[] quota() default {};

    @AttributeDefinition(
            description = "Last day of the channel, such as 2026-12-31, or the time at which it ends, such as"
                    + " 2026-12-31T18:00. Default: empty, never.")
    String expires() default "";

    @AttributeDefinition(
            description = "Addresses and networks that requests may come from, as the endpoint sees them: of a proxy or"
                    + " web server, where that does not pass the client's on. Default: any.")
    String[] sources() default {"any"};

    @AttributeDefinition(
            description = "When the channel is served, each DAYS@HH:MM-HH:MM or HH:MM-HH:MM, such as"
                    + " mon-fri@08:00-18:00; outside of these its sessions end. Default: none, always.")
    String[] hours() default {};

    @AttributeDefinition(
            description = "Time zone of quota, expires and hours, such as Europe/Berlin. Default: empty, that of the"
                    + " machine.")
    String time_zone() default "";

    @AttributeDefinition(
            description = "Where this channel's clients may listen at this server for connections to their side, each"
                    + " ADDRESS:PORT, ADDRESS:PORT-PORT or ADDRESS:*; ADDRESS * for any. Default: none, nowhere.")
    String[] reverse_allow() default {};

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
