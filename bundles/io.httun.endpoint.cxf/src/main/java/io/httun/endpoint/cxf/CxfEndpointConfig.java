// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(
        name = "httun endpoint in Karaf's web server",
        description = "Where tunnel requests come in. The port is that of Karaf's web server (org.ops4j.pax.web).")
@interface CxfEndpointConfig {
    @AttributeDefinition(description = "Name of this endpoint in the shell and in logs.")
    String name() default "default";

    @AttributeDefinition(
            description = "Base path: begins with '/', does not end with it; letters, digits, '-', '_' and '/'.")
    String path() default "/httun";

    @AttributeDefinition(
            description = "Most requests with an incomplete body at once, 1 to 1000000; beyond it the one that has been"
                    + " arriving for longest is answered 408.")
    int bodies_max() default 16384;

    @AttributeDefinition(
            description =
                    "Most requests with an incomplete body from one address (IPv6: one /64), 1 to 1000000; more are"
                            + " answered 503.")
    int bodies_per_address() default 4096;
}
