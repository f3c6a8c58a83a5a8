// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import io.httun.api.status.StatusSource;
import io.httun.shell.health.EndpointUrls;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.tunnel.TunnelLink;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/** The URL under which clients reach this server. */
public final class PublicUrl {
    private static final Pattern NOT_FROM_OUTSIDE = Pattern.compile("127\\..*|localhost|\\[::1?]|0\\.0\\.0\\.0|\\*|");

    private PublicUrl() {}

    /**
     * The URL that a link names.
     *
     * @param option as given with the command; empty for the configured one, or an endpoint's that other hosts reach
     * @throws ConfigException if none is known, or it is wrong
     */
    public static String find(Services services, String option) {
        if (!option.isEmpty()) {
            TunnelLink.checkUrl("--url", option);
            return option;
        }
        String configured = Configurations.single(services, "io.httun.server", "public.url");
        if (!configured.isEmpty()) {
            TunnelLink.checkUrl("public.url", configured);
            return configured;
        }
        List<String> open = services.status(StatusSource::endpoints).stream()
                .filter(endpoint -> endpoint.state().equals("open"))
                .flatMap(endpoint -> EndpointUrls.of(services, endpoint))
                .filter(url -> url.startsWith("http"))
                .toList();
        return open.stream()
                .filter(PublicUrl::isReachable)
                .findFirst()
                .orElseThrow(() -> new ConfigException(
                        "The public URL of this server is not known: give --url http://HOST/PATH, or set public.url in"
                                + " etc/io.httun.server.cfg; this machine alone reaches "
                                + (open.isEmpty() ? "no endpoint" : String.join(", ", open))));
    }

    private static boolean isReachable(String url) {
        String host = URI.create(url.replace("//*", "//0.0.0.0")).getHost();
        return host != null && !NOT_FROM_OUTSIDE.matcher(host).matches();
    }
}
