// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "httun FastCGI endpoint",
        description = "Where web servers such as lighttpd, Apache and nginx hand tunnel requests over by FastCGI.")
@interface FcgiEndpointConfig {
    @AttributeDefinition(description = "Name of this endpoint in the shell and in logs.")
    String name() default "default";

    @AttributeDefinition(
            description = "Where to listen: ADDRESS:PORT, [ADDRESS]:PORT or unix:/absolute/path; one or more.")
    String[] listen() default {"127.0.0.1:9000"};

    @AttributeDefinition(
            description =
                    "Owner of Unix sockets, USER, USER:GROUP or :GROUP by name; empty = the user this process runs as.")
    String socket_owner() default "";

    @AttributeDefinition(description = "Mode of Unix sockets, octal: who may write to it may send requests.")
    String socket_mode() default "0660";

    @AttributeDefinition(
            description =
                    "Addresses that may connect over TCP: list of ADDRESS or ADDRESS/PREFIX. Unix sockets have their mode.")
    String[] peers() default {"127.0.0.0/8", "::1"};

    @AttributeDefinition(
            description =
                    "Base path, taken off where the web server sends it along: begins with '/', does not end with it;"
                            + " letters, digits, '-', '_' and '/'; empty = none.")
    String path() default "/httun";

    @AttributeDefinition(description = "Most connections at once, 1 to 1000000; more are closed at once.")
    int connections_max() default 16384;

    @AttributeDefinition(description = "Most requests at once, waiting ones too, 1 to 1000000; more are answered 503.")
    int requests_max() default 16384;

    @AttributeDefinition(
            description =
                    "Time without a byte after which a request that has not come whole is given up, seconds, 1 to 3600.")
    int receive_timeout_seconds() default 30;
}
