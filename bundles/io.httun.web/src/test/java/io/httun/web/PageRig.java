// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.httun.api.HttunException;
import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSnapshot;
import io.httun.toolkit.login.LoginLimiter;
import io.httun.toolkit.target.FilterCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** The page in a web server like Karaf's. The users {@code admin} and {@code leaver} may act, {@code viewer} look, {@code guest} nothing; passwords are {@code secret}. */
final class PageRig implements AutoCloseable {
    /** What the plots begin with. */
    static final int HISTORY_SECONDS = 300;

    static final String PASSWORD = "secret";
    static final Problem PROBLEM =
            new Problem("listener connect", "port 8118 is taken", "set another bind, or bind.fallback = true");

    private static final Map<String, Set<String>> USERS = Map.of(
            "admin",
            Set.of("admin", "viewer"),
            "viewer",
            Set.of("viewer"),
            "guest",
            Set.of("guest"),
            "leaver",
            Set.of("admin", "viewer"));

    final PageSample status;
    final PageNodes nodes = new PageNodes();
    final OneTimeTokens tokens;
    final Observer observer;
    /** Seconds that the clock of sessions, tokens and the limiter is ahead. */
    final AtomicLong ahead = new AtomicLong();

    volatile boolean healthy = true;
    /** Whom the realm lists now, with their roles. */
    final Map<String, Set<String>> listed = new ConcurrentHashMap<>(USERS);

    private final Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    private final HttpClient http = HttpClient.newHttpClient();

    PageRig(Map<String, ?> configuration, int streams) throws Exception {
        status = new PageSample(streams);
        WebSettings settings = WebSettings.read(configuration);
        PageSessions sessions = new PageSessions(
                this::nanos,
                new PageRights(() -> settings, (realm, user) -> Optional.ofNullable(listed.get(user)), this::nanos));
        tokens = new OneTimeTokens(this::nanos);
        observer = new Observer(this::snapshot, this::health, () -> TimeUnit.MILLISECONDS.toNanos(status.millis()));
        OtherNodes others = new OtherNodes(() -> List.of(nodes), this::nanos);
        PageServlet servlet = new PageServlet(
                () -> settings,
                sessions,
                new PageLogin(() -> settings, PageRig::roles, sessions, tokens, new LoginLimiter(this::nanos)),
                new PageActions(() -> List.of(status), () -> List.of(status), others, PageRig::check),
                new PageStatus(observer, others));
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(servlet), settings.path() + "/*");
        server.setHandler(context);
        server.start();
        for (int i = HISTORY_SECONDS; i > 0; i--) {
            status.shift = TimeUnit.SECONDS.toMillis(-i);
            observer.look();
        }
        status.shift = 0;
        observer.start();
    }

    /** As if it had been made when the traffic's clock says. */
    private StatusSnapshot snapshot() {
        StatusSnapshot now = StatusSnapshot.of(List.of(status, nodes));
        return new StatusSnapshot(
                Instant.ofEpochMilli(status.millis()),
                now.channels(),
                now.channelUses(),
                now.sessions(),
                now.nodeSessions(),
                now.pipes(),
                now.streams(),
                now.connections(),
                now.closedConnections(),
                now.listeners(),
                now.endpoints(),
                now.filters(),
                now.rules(),
                now.connectors(),
                now.proxies(),
                now.reverses(),
                now.tuns(),
                now.routes(),
                now.users(),
                now.drains(),
                now.nodes(),
                now.limits(),
                now.refusals());
    }

    private long nanos() {
        return System.nanoTime() + ahead.get() * 1_000_000_000;
    }

    private static Optional<Set<String>> roles(String user, String password) {
        return Optional.ofNullable(USERS.get(user)).filter(roles -> password.equals(PASSWORD));
    }

    private static FilterCheck check(String target, List<String> filters) {
        if (!target.contains(":")) {
            throw new HttunException(target + " has no port; give for example example.org:443 or [2001:db8::1]:443");
        }
        boolean allowed = !target.startsWith("10.");
        return new FilterCheck(
                target,
                filters,
                allowed,
                allowed ? List.of("192.0.2.1") : List.of(),
                allowed ? "" : "denied by default: private",
                List.of("default, " + target + ": " + (allowed ? "allow public" : "deny private")));
    }

    private HealthReport health() {
        return HealthReport.of(() -> List.of(new HealthChecks.Check(
                "reported", false, HealthStatus.WARN, () -> healthy ? List.of() : List.of(PROBLEM))));
    }

    String url() {
        return origin() + "/httun-page/";
    }

    String origin() {
        return "http://127.0.0.1:" + server.getURI().getPort();
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path)), headers);
    }

    HttpResponse<String> post(String path, Map<String, String> fields, String... headers)
            throws IOException, InterruptedException {
        return send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .POST(HttpRequest.BodyPublishers.ofString(form(fields))),
                headers);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers)
            throws IOException, InterruptedException {
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> login(Map<String, String> fields) throws IOException, InterruptedException {
        return post("login", fields, "Origin", origin());
    }

    /** @return the cookie of a new session */
    String cookie(String user) throws IOException, InterruptedException {
        HttpResponse<String> answer = login(Map.of("user", user, "password", PASSWORD));
        return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    JsonObject data(String cookie, Map<String, String> query) throws IOException, InterruptedException {
        return JsonParser.parseString(
                        get("data?" + form(query), "Cookie", cookie).body())
                .getAsJsonObject();
    }

    /** An action as the page does it. */
    HttpResponse<String> act(String action, String cookie, Map<String, String> fields)
            throws IOException, InterruptedException {
        String csrf = data(cookie, new HashMap<>()).get("csrf").getAsString();
        return post(action, fields, "Origin", origin(), "Cookie", cookie, "X-Csrf-Token", csrf);
    }

    @Override
    public void close() {
        observer.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
