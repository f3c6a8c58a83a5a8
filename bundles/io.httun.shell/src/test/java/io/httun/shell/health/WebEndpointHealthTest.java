// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.StatusSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The endpoint in Karaf's web server. */
class WebEndpointHealthTest extends HealthRig {
    /** Karaf's web server, which sends {@code body}. */
    private HttpServer webServer(String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void endpoint(String... bases) {
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(new EndpointStatus("default", "cxf", "/httun", "open", 0, 0));
            }
        });
        services.add("org.osgi.service.http.runtime.HttpServiceRuntime", Map.of("osgi.http.endpoint", bases));
    }

    @Test
    void anEndpointInTheWebServerIsAskedThroughItsOwnUrl() throws IOException {
        HttpServer ours = webServer("");
        HttpServer other = webServer("No service was found.");
        try {
            String base = "http://127.0.0.1:" + other.getAddress().getPort();
            endpoint("http://127.0.0.1:" + ours.getAddress().getPort() + "/", base + "/");
            assertThat(problems())
                    .containsExactly("endpoint default: " + base
                            + "/httun answers 404 instead of the server's answer -> bundle:restart"
                            + " io.httun.endpoint.cxf");
        } finally {
            ours.stop(0);
            other.stop(0);
        }
        assertThat(problems()).hasSize(2).allMatch(problem -> problem.contains("does not answer"));
    }

    @Test
    void aWebServerThatDoesNotListen() {
        endpoint();
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("endpoint default: Karaf's web server does not listen -> see org.osgi.service.http.port");
    }
}
