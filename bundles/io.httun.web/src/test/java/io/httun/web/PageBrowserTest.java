// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** The page in a real Chromium. A picture of every view is left in {@code target/screenshots}. */
class PageBrowserTest {
    private static final int STREAMS = 10_000;

    private static PageBrowser browser;
    private static PageRig rig;

    @BeforeAll
    static void start() throws Exception {
        browser = new PageBrowser();
        rig = new PageRig(Map.of(), STREAMS);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (rig != null) {
            rig.close();
        }
    }

    @BeforeEach
    void afresh() {
        rig.ahead.addAndGet(61);
        rig.status.closed.clear();
        rig.healthy = true;
        browser.usualSize();
        browser.prefer("light");
        browser.forgetLogin();
        browser.open(rig.url());
        browser.script("localStorage.clear()");
    }

    /** Whatever a test does: no other host is asked, and nothing runs into the policy of the page. */
    @AfterEach
    void nothingWasBlockedAndNobodyElseAsked() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests()).allSatisfy(url -> assertThat(url).startsWith(rig.url()));
    }

    @Test
    void showsThePathTheRatesAndTheVerdict() {
        browser.login(rig, "admin");
        await().atMost(PageBrowser.LIMIT).untilAsserted(() -> assertThat(browser.text("#path"))
                .contains("Listeners", "2 of 2 listening", "Client", "round trip", "Server", "1 session", "Targets")
                .containsPattern("▲ [0-9.]+ kB/s")
                .containsPattern("▼ [0-9.]+ MB/s")
                .contains("206 allowed"));
        assertThat(browser.all(".plot canvas")).hasSize(4);
        browser.awaitText("#legend-trip", " ms");
        browser.awaitText("#legend-rate", "MB/s");
        browser.awaitText("#verdict", "Healthy");
        browser.awaitText("#live", "live");
        browser.find(".leg:nth-of-type(4)").click();
        browser.awaitText("#rate-leg", "server and targets");
    }

    @Test
    void leavesPicturesOfTheOverview() {
        browser.shoot("login-light");
        browser.login(rig, "admin");
        browser.awaitText("#legend-rate", "MB/s");
        browser.shoot("overview-light");
        browser.prefer("dark");
        await().atMost(PageBrowser.LIMIT).until(() -> background().equals("rgb(13, 15, 26)"));
        browser.shoot("overview-dark");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sessions", "sessions/pipes", "sessions/streams", "sessions/channels", "connections",
                "connections/closedConnections", "listeners", "listeners/endpoints", "filters", "filters/rules",
                "health/limits", "health/refusals", "sessions/drains", "sessions/nodes"
            })
    void showsEveryTable(String view) {
        browser.login(rig, "admin");
        browser.view(view);
        assertThat(browser.find("tr.row").getText()).isNotBlank();
        assertThat(browser.text("#count")).contains(" row");
        browser.shoot(view.replace('/', '-') + "-light");
    }

    @Test
    void showsProblemsWithTheirRemedies() {
        rig.healthy = false;
        browser.login(rig, "admin");
        browser.awaitText("#verdict", "1 problem");
        browser.view("health");
        assertThat(browser.text("#body")).contains("port 8118 is taken", "set another bind");
        browser.shoot("health-light");
    }

    @Test
    void sortsAndFilters() {
        browser.login(rig, "admin");
        browser.view("connections");
        browser.find("[data-column=target]").click();
        browser.find("th[aria-sort=ascending] [data-column=target]");
        browser.press("/");
        browser.find("#filter").sendKeys("mirror laptop");
        browser.awaitText("#count", "1 of 11 rows");
        assertThat(browser.all("tr.row")).hasSize(1);
        browser.find("#filter").sendKeys(" nothing");
        browser.awaitText("#empty", "No row has all these words");
    }

    @Test
    void scrollsThroughTenThousandStreamsWithFewRows() {
        browser.login(rig, "admin");
        browser.view("sessions/streams");
        browser.find("[data-column=id]").click();
        browser.find("th[aria-sort]");
        browser.script("document.getElementById('scroll').scrollTop = 1e9");
        browser.awaitText("#body", "9a");
        await().atMost(PageBrowser.LIMIT).untilAsserted(() -> assertThat(browser.text("tr.row:nth-last-child(2)"))
                .matches(".*(^|[a-z])(1|19999)connection.*"));
        assertThat(browser.all("tr.row")).hasSizeLessThan(100);
        assertThat((long) browser.script("return document.getElementById('scroll').scrollHeight"))
                .isGreaterThan(38L * STREAMS);
        browser.shoot("streams-end-light");
    }

    @Test
    void closesAConnectionByKeysAfterAQuestion() {
        browser.login(rig, "admin");
        browser.press("3");
        browser.find("tr.row[data-key='//a1']");
        browser.script("document.querySelector(\"tr.row[data-key='//a1']\").focus()");
        browser.press(Keys.DELETE);
        browser.awaitText("#details-title", "mirror.example.net:443");
        browser.press(Keys.ENTER);
        browser.awaitText("#act", "Both sides are reset. Close it?");
        browser.shoot("close-light");
        assertThat(rig.status.closed).isEmpty();
        browser.press(Keys.ENTER);
        browser.awaitText("#toast", "Closed connection a1");
        assertThat(rig.status.closed).containsExactly("a1");
        await().atMost(PageBrowser.LIMIT)
                .until(() -> browser.all("tr.row[data-key='//a1']").isEmpty());
    }

    @Test
    void closesASessionByMouse() {
        browser.login(rig, "admin");
        browser.view("sessions");
        browser.find("tr.row[data-key='client//5e56c3d4']").click();
        browser.find("#act").click();
        browser.awaitText("#act", "Close it?");
        browser.find("#act").click();
        browser.awaitText("#toast", "Closed session 5e56c3d4");
        assertThat(rig.status.closed).containsExactly("5e56c3d4");
    }

    @Test
    void checksATargetAgainstAFilter() {
        browser.login(rig, "admin");
        browser.view("filters");
        browser.find("#check-target").sendKeys("10.0.0.1:22" + Keys.ENTER);
        browser.awaitText("#check-result", "10.0.0.1:22 is refused: denied by default: private");
        browser.shoot("filters-check-light");
        browser.find("#check-target").clear();
        browser.find("#check-target").sendKeys("example.org" + Keys.ENTER);
        browser.awaitText("#check-result", "example.org has no port");
    }

    @Test
    void markupInATargetsNameStaysText() {
        browser.login(rig, "admin");
        browser.view("connections");
        browser.awaitText("#body", PageSample.HOSTILE);
        browser.find("tr.row[data-key='//h1']").click();
        browser.awaitText("#details", PageSample.HOSTILE);
        assertThat(browser.all("#body img, #details img")).isEmpty();
        assertThat(browser.title()).isEqualTo("httun: Connections");
        browser.shoot("hostile-light");
    }

    @Test
    void whoMayLookSeesNoButtons() {
        browser.login(rig, "viewer");
        browser.view("connections");
        browser.find("tr.row").click();
        browser.find("#dismiss");
        assertThat(browser.script("return document.getElementById('act').hidden"))
                .isEqualTo(true);
        browser.press(Keys.ESCAPE);
        browser.view("filters");
        assertThat(browser.script("return document.getElementById('check').hidden"))
                .isEqualTo(true);
    }

    @Test
    void aLinkWithATokenLogsInOnceAndLeavesNoTrace() {
        String link = rig.url() + "#" + rig.tokens.create();
        browser.open("about:blank");
        browser.open(link);
        browser.find("#overview");
        assertThat(browser.url()).isEqualTo(rig.url());
        browser.forgetLogin();
        browser.open(link);
        browser.awaitText("#error", "The link has been used");
        browser.script("location.hash = arguments[0]", rig.tokens.create());
        browser.find("#overview");
    }

    @Test
    void aLogoutLeadsToTheLogin() {
        browser.login(rig, "admin");
        browser.find("#logout").click();
        browser.find("[name=password]");
    }

    @Test
    void wrongLoginsAreLimited() {
        browser.open(rig.url());
        for (int i = 0; i < 11; i++) {
            browser.script("document.getElementById('error').textContent = ''");
            browser.find("[name=user]").clear();
            browser.find("[name=user]").sendKeys("admin");
            browser.find("[name=password]").clear();
            browser.find("[name=password]").sendKeys("guess" + i + Keys.ENTER);
            browser.awaitText("#error", i < 10 ? "User or password is wrong" : "Too many wrong logins");
            await().atMost(PageBrowser.LIMIT)
                    .until(() ->
                            Boolean.FALSE.equals(browser.script("return document.getElementById('submit').disabled")));
        }
        browser.shoot("login-refused-light");
    }

    @Test
    void isDarkOrLightAsTheSystemUntilSomebodyChooses() {
        browser.login(rig, "admin");
        assertThat(background()).isEqualTo("rgb(244, 245, 250)");
        browser.prefer("dark");
        await().atMost(PageBrowser.LIMIT).until(() -> background().equals("rgb(13, 15, 26)"));
        browser.press("t");
        assertThat(background()).isEqualTo("rgb(244, 245, 250)");
        browser.open(rig.url());
        browser.find("#overview");
        assertThat(background()).as("remembered").isEqualTo("rgb(244, 245, 250)");
        browser.script("localStorage.clear()");
        browser.open(rig.url());
        browser.view("connections");
        browser.shoot("connections-dark");
    }

    private static String background() {
        return String.valueOf(browser.script("return getComputedStyle(document.documentElement).backgroundColor"));
    }

    @Test
    void fitsAPhone() {
        browser.size(360, 740, true);
        browser.login(rig, "admin");
        for (String view :
                new String[] {"overview", "sessions", "connections", "listeners", "filters", "health/limits"}) {
            browser.view(view);
            assertThat((long) browser.script("return document.documentElement.scrollWidth"))
                    .as(view)
                    .isLessThanOrEqualTo(360);
            browser.shoot("phone-" + view.replace('/', '-'));
        }
    }

    /** A page of another site that the user of this one visits meanwhile. */
    @Test
    void anotherSiteCanNeitherActNorFrame() throws Exception {
        browser.login(rig, "admin");
        Server evil = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        evil.setHandler(new AbstractHandler() {
            @Override
            public void handle(
                    String target,
                    Request base,
                    javax.servlet.http.HttpServletRequest request,
                    javax.servlet.http.HttpServletResponse response)
                    throws IOException {
                base.setHandled(true);
                response.setContentType("text/html");
                response.getOutputStream()
                        .write(("<iframe src='" + rig.url() + "'></iframe><form id=f method=post target=t action='"
                                        + rig.url() + "close-session'><input name=id value=5e55a1b2></form>"
                                        + "<iframe name=t></iframe>")
                                .getBytes(StandardCharsets.US_ASCII));
            }
        });
        evil.start();
        try {
            browser.open("http://localhost:" + evil.getURI().getPort() + "/");
            assertThat(browser.frameHas("#form, #path")).as("framed").isFalse();
            Object sent = browser.script(
                    "document.getElementById('f').submit();"
                            + "return fetch(arguments[0], {method: 'POST', mode: 'no-cors', credentials: 'include',"
                            + " body: new URLSearchParams({id: '5e55a1b2'})}).then(() => 'read', () => 'blocked')",
                    rig.url() + "close-session");
            assertThat(sent).as("the answer").isEqualTo("blocked");
            assertThat(rig.status.closed).isEmpty();
        } finally {
            evil.stop();
            browser.open(rig.url());
            browser.complaints();
            browser.requests();
        }
    }
}
