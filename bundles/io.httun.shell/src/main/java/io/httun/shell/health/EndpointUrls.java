// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.EndpointStatus;
import io.httun.toolkit.status.Services;
import java.util.stream.Stream;

/** Where clients reach an endpoint. */
public final class EndpointUrls {
    private static final String TLS = "tls:";
    private static final String WEB_SERVER = "org.osgi.service.http.runtime.HttpServiceRuntime";

    private EndpointUrls() {}

    /** Where Karaf's web server listens, without a slash at the end; nothing before it does. */
    public static Stream<String> webServer(Services services) {
        return services.values(WEB_SERVER, "osgi.http.endpoint").stream()
                .filter(base -> base.contains("://"))
                .map(base -> base.replaceFirst("/$", ""))
                .distinct();
    }

    /** Its URLs; for one behind another web server, which has the URL, kind and address. */
    public static Stream<String> of(Services services, EndpointStatus endpoint) {
        return switch (endpoint.kind()) {
            case "cxf" -> new EndpointProbe(services).urls(endpoint).stream();
            case "netty" -> Stream.of(url(endpoint.address(), "http", "https"));
            default -> Stream.of(endpoint.kind() + " " + endpoint.address());
        };
    }

    /** The address of a listening socket as status records have it, with the scheme for its kind. */
    public static String url(String address, String plain, String tls) {
        if (address.startsWith("unix:")) {
            return address;
        }
        return address.startsWith(TLS) ? tls + "://" + address.substring(TLS.length()) : plain + "://" + address;
    }
}
