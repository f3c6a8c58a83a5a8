// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.tun~NAME}. */
@ObjectClassDefinition(name = "httun TUN device", description = "A Linux TUN device, for tunnels of IP packets")
public @interface TunConfig {
    @AttributeDefinition(description = "Name by which others refer to this device, as in tun.target=(name=office)")
    String name();

    @AttributeDefinition(
            description =
                    "Name of the network interface, up to 15 bytes (a letter with an accent takes two); created unless it exists. Stock names: httun-c-0 on a client, httun-s-CHANNEL on a server")
    String device() default "httun-c-0";

    @AttributeDefinition(description = "MTU in bytes, 68 to 65535; 0 = unchanged")
    int mtu() default 63_488;

    @AttributeDefinition(
            description = "IPv4 and IPv6 addresses of this end, each with its prefix length, such as 10.9.0.2/24")
    String[] addresses() default {};

    @AttributeDefinition(
            description =
                    "Networks behind this device, such as 10.0.0.0/8; 0.0.0.0/0 and ::/0 for everything. A client excludes its server")
    String[] routes() default {};

    @AttributeDefinition(
            description =
                    "User, by name or number, who may open the interface without privileges while this process does not; empty = nobody")
    String owner() default "";

    @AttributeDefinition(
            description = "State of the interface while the tunnel is down: up, or down, which also removes its routes")
    String when_disconnected() default "up";

    @AttributeDefinition(
            description =
                    "Number of queues, each with a thread, 1 to 8; more than one helps only with many flows on many cores")
    int queues() default 1;

    @AttributeDefinition(description = "Whether to use segmentation offload, if the kernel supports it")
    boolean offload() default true;
}
