// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and what strangers and their pages get. */
class PageSecurityTest {
    private static final Map<String, String> SESSION = Map.of("id", "5e55a1b2");
    private static final Map<String, String> WRONG = Map.of("user", "admin", "password", "wrong");

    private static PageRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = new PageRig(Map.of(), 10);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** No login of one test counts in the next. */
    @BeforeEach
    void later() {
        rig.ahead.addAndGet(61);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "page.js", "data", "nothing"})
    void everyAnswerDeniesFramesScriptsAndGuesses(String path) throws Exception {
        HttpResponse<String> answer = rig.get(path);
        PageServlet.HEADERS.forEach(
                (name, value) -> assertThat(answer.headers().firstValue(name).orElse(""))
                        .as(name)
                        .isIn(value, "no-cache"));
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "frame-ancestors 'none'", "script-src 'self'")
                .doesNotContain("unsafe", "*", "http");
    }

    @Test
    void aStrangerGetsTheLoginAndNoData() throws Exception {
        assertThat(rig.get("").body()).contains("type=\"password\"");
        assertThat(rig.get("data").statusCode()).isEqualTo(401);
        assertThat(rig.get("data", "Cookie", "httun-page=guessed").statusCode()).isEqualTo(401);
        assertThat(rig.post("close-session", SESSION, "Origin", rig.origin()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void aLoginMakesACookieThatNoScriptReadsAndNoOtherSiteSends() throws Exception {
        HttpResponse<String> answer = rig.login(Map.of("user", "admin", "password", PageRig.PASSWORD));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .matches("httun-page=[A-Za-z0-9_-]{43}; Path=/httun-page; Max-Age=43200; HttpOnly; SameSite=Strict");
        String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
        assertThat(rig.get("", "Cookie", cookie).body()).contains("id=\"path\"");
        assertThat(rig.data(cookie, Map.of()).get("user").getAsString()).isEqualTo("admin");
    }

    @ParameterizedTest
    @CsvSource({
        "admin, wrong, 401, User or password is wrong",
        "nobody, secret, 401, User or password is wrong",
        "guest, secret, 403, none of the roles",
        "'', '', 401, User or password is wrong"
    })
    void aWrongLoginIsRefused(String user, String password, int status, String words) throws Exception {
        HttpResponse<String> answer = rig.login(Map.of("user", user, "password", password));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(words);
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void aPasswordInTheUrlIsNone() throws Exception {
        HttpResponse<String> answer =
                rig.post("login?user=admin&password=" + PageRig.PASSWORD, Map.of(), "Origin", rig.origin());
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void afterTenWrongLoginsTheSourceWaitsAMinute() throws Exception {
        String before = rig.cookie("admin");
        for (int i = 0; i < 10; i++) {
            assertThat(rig.login(WRONG).statusCode()).isEqualTo(401);
        }
        HttpResponse<String> right = rig.login(Map.of("user", "admin", "password", PageRig.PASSWORD));
        assertThat(right.statusCode()).isEqualTo(429);
        assertThat(right.body()).contains("try again in a minute");
        assertThat(rig.login(Map.of("token", rig.tokens.create())).statusCode()).isEqualTo(429);
        assertThat(rig.data(before, Map.of()).get("user").getAsString())
                .as("who is in stays in")
                .isEqualTo("admin");
        rig.ahead.addAndGet(61);
        assertThat(rig.login(Map.of("user", "admin", "password", PageRig.PASSWORD))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aTokenLogsInOnce() throws Exception {
        String token = rig.tokens.create();
        assertThat(rig.login(Map.of("token", token)).statusCode()).isEqualTo(200);
        HttpResponse<String> again = rig.login(Map.of("token", token));
        assertThat(again.statusCode()).isEqualTo(401);
        assertThat(again.body()).contains("has been used or is older than ten minutes");
        String late = rig.tokens.create();
        rig.ahead.addAndGet(601);
        assertThat(rig.login(Map.of("token", late)).statusCode()).isEqualTo(401);
    }

    @Test
    void anActionNeedsTheTokenOfItsSession() throws Exception {
        String cookie = rig.cookie("admin");
        String another = rig.data(rig.cookie("admin"), Map.of()).get("csrf").getAsString();
        assertThat(rig.post("close-session", SESSION, "Origin", rig.origin(), "Cookie", cookie)
                        .statusCode())
                .isEqualTo(403);
        assertThat(rig.post("close-session", SESSION, "Origin", rig.origin(), "Cookie", cookie, "X-Csrf-Token", another)
                        .statusCode())
                .isEqualTo(403);
        assertThat(rig.status.closed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "https://127.0.0.1", ""})
    void anotherOriginIsRefusedWhateverItBringsAlong(String origin) throws Exception {
        String cookie = rig.cookie("admin");
        String csrf = rig.data(cookie, Map.of()).get("csrf").getAsString();
        for (String action :
                new String[] {"login", "logout", "close-session", "close-connection", "drain", "drain-end", "check"}) {
            HttpResponse<String> answer = origin.isEmpty()
                    ? rig.post(action, SESSION, "Cookie", cookie, "X-Csrf-Token", csrf)
                    : rig.post(action, SESSION, "Origin", origin, "Cookie", cookie, "X-Csrf-Token", csrf);
            assertThat(answer.statusCode()).as(action).isEqualTo(403);
        }
        assertThat(rig.status.closed).isEmpty();
        assertThat(rig.data(cookie, Map.of()).get("user").getAsString()).isEqualTo("admin");
    }

    @Test
    void whoMayLookMayNotAct() throws Exception {
        String cookie = rig.cookie("viewer");
        assertThat(rig.data(cookie, Map.of()).get("act").getAsBoolean()).isFalse();
        HttpResponse<String> answer = rig.act("close-session", cookie, SESSION);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("roles.act");
        assertThat(rig.act("check", cookie, Map.of("target", "example.org:443")).statusCode())
                .isEqualTo(403);
        assertThat(rig.status.closed).isEmpty();
    }

    @Test
    void whoLosesARoleIsCutOff() throws Exception {
        rig.listed.put("leaver", Set.of("viewer", "admin"));
        rig.ahead.addAndGet(1);
        String acting = rig.cookie("leaver");
        assertThat(rig.data(acting, Map.of()).get("act").getAsBoolean()).isTrue();
        rig.listed.put("leaver", Set.of("viewer"));
        rig.ahead.addAndGet(1);
        assertThat(rig.get("data", "Cookie", acting).statusCode()).isEqualTo(401);
        rig.listed.remove("leaver");
        rig.ahead.addAndGet(1);
        String unlisted = rig.cookie("leaver");
        rig.ahead.addAndGet(1);
        assertThat(rig.get("data", "Cookie", unlisted).statusCode())
                .as("a realm that lists no users says nothing of roles")
                .isEqualTo(200);
    }

    @Test
    void whoIsRemovedIsCutOff() throws Exception {
        rig.listed.put("leaver", Set.of("viewer", "admin"));
        rig.ahead.addAndGet(1);
        String cookie = rig.cookie("leaver");
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(200);
        rig.listed.remove("leaver");
        rig.ahead.addAndGet(1);
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(401);
        rig.listed.put("leaver", Set.of("viewer", "admin"));
        assertThat(rig.get("data", "Cookie", cookie).statusCode())
                .as("the session has ended")
                .isEqualTo(401);
    }

    @Test
    void aLogoutEndsTheSessionAtTheServer() throws Exception {
        String cookie = rig.cookie("admin");
        HttpResponse<String> answer = rig.act("logout", cookie, Map.of());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(401);
    }

    @Test
    void aSessionEndsAfterHalfAnHourOfSilence() throws Exception {
        String cookie = rig.cookie("admin");
        rig.ahead.addAndGet(1_790);
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(200);
        rig.ahead.addAndGet(1_790);
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(200);
        rig.ahead.addAndGet(1_801);
        assertThat(rig.get("data", "Cookie", cookie).statusCode()).isEqualTo(401);
    }

    @Test
    void whoComesThroughAProxyFindsNothing() throws Exception {
        for (String header : new String[] {"X-Forwarded-For", "Forwarded", "Via"}) {
            HttpResponse<String> answer = rig.get("", header, "192.0.2.1");
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.headers().firstValue("Content-Security-Policy")).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:81, 200", "127.0.0.1, 200", "[::1]:81, 200", "LOCALHOST, 200",
        "evil.example, 421", "127.0.0.1.evil.example, 421", "'', 421", "localhost.evil.example:80, 421"
    })
    void aNameThatWasMadeToLeadHereIsRefused(String host, int status) throws Exception {
        assertThat(statusFor(host)).isEqualTo("HTTP/1.1 " + status);
    }

    private static String statusFor(String host) throws IOException {
        URI uri = URI.create(rig.url());
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.getOutputStream()
                    .write(("GET /httun-page/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return answer.substring(0, "HTTP/1.1 200".length());
        }
    }

    @Test
    void aFormWithoutEndIsRefused() throws Exception {
        HttpResponse<String> answer = rig.login(Map.of("user", "x".repeat(RequestForm.MAX_BYTES)));
        assertThat(answer.statusCode()).isEqualTo(413);
        HttpResponse<String> other = rig.post("login", Map.of("user", "x"), "Origin", rig.origin());
        assertThat(other.statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"..%2f..%2fetc", "PageServlet.class", "page/page.js", "%00"})
    void noOtherFileIsServed(String path) throws Exception {
        assertThat(rig.get(path).statusCode()).isIn(400, 404);
    }

    @Test
    void sessionsAndTokensAreBounded() {
        PageSessions sessions = new PageSessions(
                System::nanoTime,
                new PageRights(() -> WebSettings.read(Map.of()), (realm, user) -> Optional.empty(), System::nanoTime));
        String oldest = sessions.begin("a", true);
        String second = sessions.begin("b", true);
        for (int i = 2; i < PageSessions.MAX; i++) {
            sessions.begin("u" + i, true);
        }
        assertThat(sessions.find(oldest)).isPresent();
        sessions.begin("one more", true);
        assertThat(sessions.find(second))
                .as("asked for nothing for the longest time")
                .isEmpty();
        assertThat(sessions.find(oldest)).isPresent();
        assertThat(sessions.find(oldest).orElseThrow().toString()).isEqualTo("PageSession[a]");
        OneTimeTokens tokens = new OneTimeTokens(System::nanoTime);
        String first = tokens.create();
        for (int i = 0; i < OneTimeTokens.MAX; i++) {
            tokens.create();
        }
        assertThat(tokens.use(first)).isFalse();
    }
}
