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
}
