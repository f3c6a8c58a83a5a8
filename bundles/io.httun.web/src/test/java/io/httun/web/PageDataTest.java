// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.httun.api.config.ConfigException;
import io.httun.api.status.HealthReport;
import io.httun.api.status.StatusSnapshot;
import io.httun.toolkit.status.Json;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page is told. */
class PageDataTest {
    private static final int STREAMS = 10_000;

    private static PageRig rig;
    private static String cookie;

    @BeforeAll
    static void start() throws Exception {
        rig = new PageRig(Map.of(), STREAMS);
        cookie = rig.cookie("admin");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static JsonObject table(String name, String... query) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of("table", name, "limit", "300"));
        for (int i = 0; i < query.length; i += 2) {
            all.put(query[i], query[i + 1]);
        }
        return rig.data(cookie, all).getAsJsonObject("table");
    }

    private static List<String> column(JsonObject table, String column) {
        int index = table.getAsJsonArray("columns").asList().stream()
                .map(JsonElement::getAsString)
                .toList()
                .indexOf(column);
        return table.getAsJsonArray("rows").asList().stream()
                .map(row -> row.getAsJsonArray().get(index).getAsString())
                .toList();
    }

    /** A page that is as high as 40 rows, for a minute. */
    @Test
    void tenThousandStreamsCostLessThanFiveMegabytesAMinute() throws Exception {
        JsonObject first = rig.data(cookie, Map.of());
        long newest = first.getAsJsonArray("points").asList().stream()
                .mapToLong(point -> point.getAsJsonArray().get(0).getAsLong())
                .max()
                .orElseThrow();
        HttpResponse<String> answer = rig.get(
                "data?table=streams&sort=ageSeconds&descending=true&offset=5000&limit=64&since=" + newest,
                "Cookie",
                cookie);
        assertThat(answer.body().length() * 60).isLessThan(1_000_000);
        JsonObject table =
                JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonObject("table");
        assertThat(table.get("total").getAsInt()).isEqualTo(STREAMS);
        assertThat(column(table, "ageSeconds")).hasSize(64).startsWith(String.valueOf(61 + STREAMS - 1 - 5000));
    }

    @Test
    void sortsAndFiltersAtTheServer() throws Exception {
        JsonObject found = table("streams", "filter", "CONNECTION 19999", "sort", "id");
        assertThat(found.get("matched").getAsInt()).isEqualTo(1);
        assertThat(column(found, "id")).containsExactly("19999");
        assertThat(column(table("connections", "sort", "target"), "target"))
                .isSortedAccordingTo(String.CASE_INSENSITIVE_ORDER);
        assertThat(column(table("streams", "sort", "id", "offset", "999999", "limit", "2"), "id"))
                .as("beyond the end")
                .containsExactly("19997", "19999");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sessions",
                "pipes",
                "streams",
                "channels",
                "channelUses",
                "connections",
                "closedConnections",
                "users",
                "listeners",
                "endpoints",
                "connectors",
                "proxies",
                "reverses",
                "tuns",
                "routes",
                "filters",
                "rules",
                "health",
                "limits",
                "refusals",
                "drains",
                "nodes"
            })
    void everyTableOfThePageIsThere(String name) throws Exception {
        assertThat(table(name).getAsJsonArray("columns")).isNotEmpty();
    }

    @Test
    void sessionsOfOtherNodesAreShownAndClosed() throws Exception {
        rig.nodes.open = true;
        await().untilAsserted(() -> assertThat(column(table("sessions"), "id")).contains(PageNodes.ID));
        assertThat(column(table("sessions", "filter", PageNodes.ID), "node")).containsExactly("2");
        String csrf = rig.data(cookie, Map.of()).get("csrf").getAsString();
        String[] headers = {"Origin", rig.origin(), "Cookie", cookie, "X-Csrf-Token", csrf};
        assertThat(rig.post("close-session", Map.of("id", PageNodes.ID), headers)
                        .body())
                .contains("Closed session " + PageNodes.ID);
        assertThat(rig.post("close-session", Map.of("id", PageNodes.ID), headers)
                        .body())
                .contains("There is no session " + PageNodes.ID + " here; node 3 (west) does not answer within 2 s");
    }

    /** The columns and numbers are those of {@code --json}, metrics and MBeans, which are made of the same records. */
    @Test
    void theNumbersAreThoseOfTheModel() {
        PageSample status = new PageSample(3);
        StatusSnapshot snapshot = StatusSnapshot.of(List.of(status));
        Sample sample = new Sampler().sample(snapshot, 1);
        JsonObject model = JsonParser.parseString(Json.write(snapshot)).getAsJsonObject();
        Tables tables = new Tables(() -> new HealthReport(List.of()));
        for (String name : model.keySet()) {
            // Sessions of other nodes are rows of the table of sessions.
            if (name.equals("time") || name.equals("nodeSessions")) {
                continue;
            }
            Table<?> table = tables.named(name).orElseThrow(() -> new AssertionError("the page has no table " + name));
            JsonArray rows =
                    JsonParser.parseString(Json.write(table.rows(sample))).getAsJsonArray();
            JsonArray expected = model.getAsJsonArray(name);
            assertThat(rows).hasSameSizeAs(expected);
            for (int i = 0; i < rows.size(); i++) {
                JsonObject row = expected.get(i).getAsJsonObject();
                for (String column : row.keySet()) {
                    assertThat(rows.get(i).getAsJsonArray().get(table.columns().indexOf(column)))
                            .as(name + " " + column)
                            .isEqualTo(row.get(column));
                }
            }
        }
    }

    @Test
    void ratesAreWhatCountersGrowByInASecond() {
        PageSample status = new PageSample(0);
        Sampler sampler = new Sampler();
        StatusSnapshot before = StatusSnapshot.of(List.of(status));
        assertThat(sampler.sample(before, 0).point().entry())
                .as("nothing is known yet")
                .isEqualTo(Flow.NONE);
        status.shift = 2_000;
        StatusSnapshot after = StatusSnapshot.of(List.of(status));
        Sample sample = sampler.sample(after, TimeUnit.SECONDS.toNanos(2));
        long grown =
                after.channels().get(1).bytesOut() - before.channels().get(1).bytesOut();
        assertThat(grown).isPositive();
        assertThat(sample.point().client().up()).isEqualTo(Math.round(grown / 2.0));
    }

    @Test
    void aConnectionCountsToItsLastByteAndOnce() {
        Growth growth = new Growth();
        growth.of("c", 100);
        growth.next();
        assertThat(growth.of("c", 130)).isEqualTo(30);
        growth.next();
        assertThat(growth.ofEnded("c", 150)).isEqualTo(20);
        assertThat(growth.ofEnded("short", 7))
                .as("began and ended between two samples")
                .isEqualTo(7);
        growth.next();
        assertThat(growth.ofEnded("c", 150)).isZero();
        assertThat(growth.ofEnded("short", 7)).isZero();
        assertThat(growth.of("c", 5)).as("another of the same name").isEqualTo(5);
    }

    @Test
    void thePlotsHaveAHistoryWithoutAPage() throws Exception {
        try (PageRig other = new PageRig(Map.of(), 0)) {
            assertThat(other.data(other.cookie("viewer"), Map.of())
                            .getAsJsonArray("points")
                            .size())
                    .isGreaterThanOrEqualTo(PageRig.HISTORY_SECONDS);
            for (int i = 0; i < 2 * Observer.POINTS; i++) {
                other.observer.look();
            }
            assertThat(other.observer.since(0)).hasSize(Observer.POINTS);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "table=secrets, table must name one of the tables",
        "table=streams&sort=password, sort must name a column",
        "table=streams&limit=100000, limit must be a number from 1 to 300",
        "table=streams&offset=-1, offset must be a number from 0 to 2147483647",
        "table=streams&offset=x, offset must be a number",
        "since=99999999999999999999, since must be a number"
    })
    void aWrongQuestionIsToldSo(String query, String words) throws Exception {
        HttpResponse<String> answer = rig.get("data?" + query, "Cookie", cookie);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(words);
    }

    @Test
    void aFilterWithoutEndIsRefused() throws Exception {
        assertThat(rig.get("data?table=streams&filter=" + "x".repeat(201), "Cookie", cookie)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void actionsSayWhatTheyDid() throws Exception {
        HttpResponse<String> closed = rig.act("close-connection", cookie, Map.of("id", "a4"));
        assertThat(closed.body()).isEqualTo("{\"done\":\"Closed connection a4\"}");
        assertThat(rig.status.closed).contains("a4");
        HttpResponse<String> again = rig.act("close-connection", cookie, Map.of("id", "a4"));
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(again.body()).contains("There is no connection a4 any more");
        assertThat(rig.act("close-session", cookie, Map.of("id", "5e56c3d4")).body())
                .contains("Closed session 5e56c3d4");
        assertThat(rig.act("close-session", cookie, Map.of("id", "x y\nz")).statusCode())
                .isEqualTo(400);
        assertThat(rig.act("drain", cookie, Map.of("for", "90s")).body()).contains("new sessions are refused");
        assertThat(rig.status.drained).isEqualTo(Duration.ofSeconds(90));
        assertThat(rig.act("drain", cookie, Map.of("for", "soon")).statusCode()).isEqualTo(400);
        assertThat(rig.act("drain-end", cookie, Map.of()).body()).contains("taken again");
        assertThat(rig.status.drained).isZero();
        assertThat(rig.act("nothing", cookie, Map.of()).statusCode()).isEqualTo(404);
        assertThat(rig.act("check", cookie, Map.of("target", "10.0.0.1:22", "filters", "default"))
                        .body())
                .contains("\"allowed\":false", "denied by default: private");
        assertThat(rig.act("check", cookie, Map.of("target", "nothing")).body()).contains("has no port");
        assertThat(rig.act("check", cookie, Map.of("target", "x".repeat(301))).statusCode())
                .isEqualTo(400);
    }

    @Test
    void filesAreSentOnceToABrowserThatKeepsThem() throws Exception {
        HttpResponse<String> first = rig.get("page.js");
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertThat(first.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/javascript");
        assertThat(rig.get("page.js", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(rig.get("uPlot.LICENSE.txt").body()).contains("MIT License", "Leon Sorokin");
    }

    @Test
    void thePathWithoutASlashLeadsToThePage() throws Exception {
        HttpResponse<String> answer = rig.get("../httun-page");
        assertThat(answer.statusCode()).isEqualTo(301);
        assertThat(answer.headers().firstValue("Location")).hasValue("httun-page/");
    }

    @ParameterizedTest
    @CsvSource({
        "path, page, must be a path such as",
        "access, any, must not be open to everyone",
        "realm, '', must not be empty",
        "roles.read, '', must not be empty",
        "color, red, no such property"
    })
    void aWrongConfigurationIsRefused(String property, String value, String words) {
        assertThatThrownBy(() -> WebSettings.read(Map.of(property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(words);
    }
}
