// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asks the endpoints in Karaf's web server through their own URLs, once a minute while they answer. The server's answer to a stranger is 404 without a body;
 * a web server that does not know the endpoint answers with a page.
 */
public final class EndpointProbe implements HealthSource {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int NOT_FOUND = 404;

    /** The server counts and logs each question as a stranger's, so that one which was answered is not asked again at once. */
    private static final long ANSWERED_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Services services;
    private final Map<String, Long> answered = new ConcurrentHashMap<>();
    private HttpClient client;

    public EndpointProbe(Services services) {
        this.services = services;
    }

    /** Made once, with a thread of its own, and not before it is needed. */
    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        }
        return client;
    }

    @Override
    public List<Problem> problems() {
        return services.status(StatusSource::endpoints).stream()
                .filter(endpoint -> endpoint.kind().equals("cxf"))
                .flatMap(this::problems)
                .toList();
    }

    private Stream<Problem> problems(EndpointStatus endpoint) {
        List<String> urls = urls(endpoint);
        if (urls.isEmpty()) {
            return Stream.of(new Problem(
                    "endpoint " + endpoint.name(),
                    "Karaf's web server does not listen",
                    "see org.osgi.service.http.port in etc/org.ops4j.pax.web.cfg: its port may be taken"));
        }
        return urls.stream()
                // The web server is responsible for its certificate.
                .filter(url -> url.startsWith("http://"))
                .flatMap(url -> ask(url).stream())
                .map(wrong ->
                        new Problem("endpoint " + endpoint.name(), wrong, "bundle:restart io.httun.endpoint.cxf"));
    }

    /** Where clients reach the endpoint, as the web server listens. */
    public List<String> urls(EndpointStatus endpoint) {
        return EndpointUrls.webServer(services)
                .map(base -> base + endpoint.address())
                .toList();
    }

    private Optional<String> ask(String url) {
        Long last = answered.get(url);
        if (last != null && System.nanoTime() - last < ANSWERED_NANOS) {
            return Optional.empty();
        }
        Optional<String> wrong = askNow(url);
        if (wrong.isEmpty()) {
            answered.put(url, System.nanoTime());
        } else {
            answered.remove(url);
        }
        return wrong;
    }

    private Optional<String> askNow(String url) {
        try {
            HttpResponse<String> answer = client().send(
                            HttpRequest.newBuilder(URI.create(url.replace("//0.0.0.0", "//127.0.0.1") + "/"))
                                    .timeout(PATIENCE)
                                    .build(),
                            BodyHandlers.ofString());
            return answer.statusCode() == NOT_FOUND && answer.body().isEmpty()
                    ? Optional.empty()
                    : Optional.of(url + " answers " + answer.statusCode() + " instead of the server's answer");
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(url + " does not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(url + " was not asked: interrupted");
        }
    }
}
