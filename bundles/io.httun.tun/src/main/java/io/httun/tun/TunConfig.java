// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.tun~NAME}. */
@ObjectClassDefinition(name = "httun TUN device", description = "A TUN device of Linux, for whole IP networks")
public @interface TunConfig {
    @AttributeDefinition(description = "Name by which others refer to this device, as in tun.target=(name=office)")
    String name();

    @AttributeDefinition(
            description =
                    "Name of the network interface, up to 15 characters; made unless it is there. Stock names: httun-c-0 on a client, httun-s-CHANNEL on a server")
    String device() default "httun-c-0";

    @AttributeDefinition(description = "Largest packet, in bytes, 68 to 65535; 0 = leave it as it is")
    int mtu() default 63_488;

    @AttributeDefinition(
            description =
                    "List of IPv4 and IPv6 addresses of this end, each with its prefix length, such as 10.9.0.2/24")
    String[] addresses() default {};

    @AttributeDefinition(
            description =
                    "List of networks that are reached through this device, such as 10.0.0.0/8; 0.0.0.0/0 and ::/0 for everything. A client keeps its server outside")
    String[] routes() default {};

    @AttributeDefinition(
            description =
                    "User, by name or number, who may use the interface without privileges when this process does not; empty = nobody")
    String owner() default "";

    @AttributeDefinition(
            description =
                    "What becomes of the interface while the tunnel does not work: up = it stays up, down = it goes down and its routes with it")
    String when_disconnected() default "up";

    @AttributeDefinition(
            description =
                    "Queues of the interface, each with a thread, 1 to 8; more than one helps only many flows on many cores")
    int queues() default 1;

    @AttributeDefinition(
            description = "Whether the kernel may hand over several segments of a flow at once, where it can")
    boolean offload() default true;
}
