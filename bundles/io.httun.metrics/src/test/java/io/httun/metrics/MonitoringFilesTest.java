// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The dashboard and the alert rules in {@code docs/monitoring} load, and ask for metrics that there are. */
class MonitoringFilesTest {
    private static final Path FOLDER = Path.of("../../docs/monitoring");
    private static final Pattern METRIC = Pattern.compile("\\b(?:httun|jvm|process)_[a-z_]+");

    private final Set<String> there =
            names(new MetricsRig(new SampleStatus()).scrape().body());

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        Matcher metric = METRIC.matcher(text.replaceAll("(?m)^#.*$", ""));
        while (metric.find()) {
            names.add(metric.group());
        }
        return names;
    }

    @Test
    void promtoolLoadsTheAlertRules() throws Exception {
        Path rules = FOLDER.resolve("alerts.yml");
        assertThat(names(Files.readString(rules))).isNotEmpty().isSubsetOf(there);
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/promtool")), "promtool is not there");
        MetricsRig.promtool("", "check", "rules", rules.toString());
    }

    @Test
    void everyPanelOfTheDashboardAsksForMetricsThatThereAre() throws Exception {
        JsonObject dashboard = JsonParser.parseString(Files.readString(FOLDER.resolve("grafana-dashboard.json")))
                .getAsJsonObject();
        assertThat(dashboard.get("title").getAsString()).isEqualTo("httun");
        List<String> queries = new ArrayList<>();
        for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
            JsonObject shown = panel.getAsJsonObject();
            assertThat(shown.has("gridPos"))
                    .as(shown.get("title").getAsString())
                    .isTrue();
            for (JsonElement target : shown.getAsJsonArray("targets")) {
                queries.add(target.getAsJsonObject().get("expr").getAsString());
            }
        }
        assertThat(queries)
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        query -> assertThat(names(query)).as(query).isNotEmpty().isSubsetOf(there));
    }
}
