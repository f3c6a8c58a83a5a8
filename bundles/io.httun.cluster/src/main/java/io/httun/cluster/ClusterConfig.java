// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.cluster}. */
@ObjectClassDefinition(
        name = "httun cluster",
        description =
                "The other servers behind the same load balancer. The number of this one is node of io.httun.server.")
public @interface ClusterConfig {
    @AttributeDefinition(
            description =
                    "Key file that all servers of the cluster have, made with: httun gen-key FILE. Whoever has it is a"
                            + " server of the cluster. Required.")
    String key_file();

    @AttributeDefinition(
            description =
                    "Address and port at which the other servers reach this one, such as 10.0.0.1:7800; not that of"
                            + " clients. Default: 127.0.0.1:7800.")
    String listen() default "127.0.0.1:7800";

    @AttributeDefinition(
            description =
                    "Port at the same address for requests that other servers forward, 1 to 65535. Default: 7801.")
    int forward_port() default 7801;

    @AttributeDefinition(
            description =
                    "Other servers, each HOST:PORT of their listen; this one may be among them. A name may have several"
                            + " addresses, and is looked up again all the time. Default: none.")
    String[] members() default {};

    @AttributeDefinition(
            description =
                    "Folder shared by all servers, in which each leaves its address, instead of members. Default: empty,"
                            + " none.")
    String members_folder() default "";

    @AttributeDefinition(
            description = "Name of this server in lists, 1 to 64 of A-Z a-z 0-9 - _ . Default: empty, its address.")
    String name() default "";
}
