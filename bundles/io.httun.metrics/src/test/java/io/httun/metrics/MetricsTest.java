// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.httun.api.status.StatusSource;
import io.httun.api.tun.TunDrop;
import io.httun.toolkit.status.ExchangeTimes;
import io.httun.toolkit.web.AllowedPeers;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
    private final MetricsRig rig = new MetricsRig(new SampleStatus());

    @Test
    void promtoolFindsNothingWrong() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/promtool")), "promtool is not there");
        MetricsRig.promtool(rig.scrape().body(), "check", "metrics");
        MetricsRig.promtool(new MetricsRig(new StatusSource() {}).scrape().body(), "check", "metrics");
    }

    @Test
    void showsTheNumbersOfTheModel() {
        assertThat(rig.scrape().values())
                .containsEntry(
                        "httun_channel_payload_bytes_total{channel=\"home\",direction=\"in\",side=\"server\"}", 107.0)
                .containsEntry("httun_channel_up{channel=\"home\",side=\"server\"}", 1.0)
                .containsEntry("httun_channel_up{channel=\"away \\\"x\\\"\",side=\"client\"}", 0.0)
                .containsEntry("httun_key_age_seconds{channel=\"home\",side=\"server\"}", 70.0)
                .containsEntry("httun_pipes{side=\"client\"}", 2.0)
                .containsEntry("httun_client_round_trip_seconds{client=\"away\"}", 0.0401)
                .containsEntry("httun_streams{kind=\"connection\",side=\"client\"}", 2.0)
                .containsEntry("httun_streams{kind=\"datagrams\",side=\"client\"}", 0.0)
                .containsEntry("httun_listener_accepted_total{kind=\"socks\",listener=\"socks-home\"}", 2.0)
                .containsEntry("httun_endpoint_waiting{endpoint=\"default\",kind=\"cxf\"}", 42.0)
                .containsEntry("httun_filter_decisions_total{decision=\"denied\",filter=\"default\"}", 7.0)
                .containsEntry("httun_proxy_failures_total{connector=\"corp\",proxy=\"squid\"}", 52.0)
                .containsEntry("httun_reverse_accepted_total{reverse=\"\",side=\"server\"}", 10.0)
                .containsEntry("httun_tun_drops_total{cause=\"queue\",tun=\"office\"}", 6.0)
                .containsEntry("httun_limit_used{limit=\"connections.max\",part=\"relay\",unit=\"connections\"}", 62.0)
                .containsEntry("httun_draining{part=\"server\"}", 1.0)
                .containsEntry("httun_node_up{node=\"2\"}", 1.0)
                .containsEntry("httun_forwarded_requests_total{direction=\"out\",node=\"2\"}", 71.0)
                .containsEntry("httun_drain_left_seconds{part=\"server\"}", 540.0)
                .containsEntry("httun_refusals_total{cause=\"key\",part=\"server\"}", 64.0);
    }

    @Test
    void countersAreThereFromTheStart() {
        Map<String, Double> values = rig.scrape().values();
        for (EndCause cause : EndCause.values()) {
            String reason = cause.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            assertThat(values).containsEntry("httun_connections_ended_total{reason=\"" + reason + "\"}", 0.0);
        }
        for (TunDrop cause : TunDrop.values()) {
            assertThat(values).containsKey("httun_tun_drops_total{cause=\"" + cause + "\",tun=\"office\"}");
        }
        assertThat(values)
                .containsEntry("httun_refusals_total{cause=\"malformed\",part=\"server\"}", 0.0)
                .containsEntry("httun_connect_seconds_count", 0.0)
                .containsEntry("httun_swap_stall_seconds_count{service=\"FrameCipher\"}", 0.0)
                .containsKey("jvm_threads_current");
    }

    @Test
    void connectionsAreCountedAsTheyEnd() {
        rig.ended.ended(new ConnectionSummary(
                Instant.EPOCH, "c", "home", "complete", EndCause.COMPLETE, 2_000, 30, 1, 1, 1, 1, 1, 1, "t", "u", "s"));
        rig.ended.ended(new ConnectionSummary(
                Instant.EPOCH, "c", "home", "refused", EndCause.DENIED, 5, -1, 0, 0, 0, 0, 0, 0, "t", "u", "s"));
        assertThat(rig.scrape().values())
                .containsEntry("httun_connections_ended_total{reason=\"denied\"}", 1.0)
                .containsEntry("httun_connect_seconds_count", 1.0)
                .containsEntry("httun_connect_seconds_sum", 0.03)
                .containsEntry("httun_connection_seconds_count", 2.0);
    }

    @Test
    void theTimesOfExchangesAreTakenWhileTheyAreWanted() {
        assertThat(rig.scrape().values()).containsEntry("httun_client_exchange_seconds_count", 0.0);
        ExchangeTimes.end(ExchangeTimes.begin());
        rig.exchanges.start();
        long began = ExchangeTimes.begin();
        ExchangeTimes.end(began - TimeUnit.MILLISECONDS.toNanos(1500));
        rig.exchanges.stop();
        ExchangeTimes.end(began);
        assertThat(rig.scrape().values())
                .containsEntry("httun_client_exchange_seconds_count", 1.0)
                .containsEntry("httun_client_exchange_seconds_bucket{le=\"1.0\"}", 0.0)
                .containsEntry("httun_client_exchange_seconds_bucket{le=\"2.0\"}", 1.0);
    }

    @Test
    void namesNoTargetAndNoUserUnlessConfigured() {
        assertThat(rig.scrape().body()).doesNotContain(SampleStatus.TARGET, SampleStatus.USER);
        rig.users = true;
        assertThat(rig.scrape().body()).contains(SampleStatus.USER).doesNotContain(SampleStatus.TARGET);
    }

    @Test
    void measuresHowLongASwappedServiceWasNotThere() {
        AtomicLong clock = new AtomicLong();
        PrometheusRegistry registry = new PrometheusRegistry();
        SwapStalls stalls = new SwapStalls(registry, clock::get, List.of("FrameCipher"));
        stalls.came("FrameCipher");
        stalls.came("FrameCipher");
        stalls.went("FrameCipher");
        clock.addAndGet(TimeUnit.SECONDS.toNanos(3));
        stalls.went("FrameCipher");
        clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
        stalls.came("FrameCipher");
        assertThat(registry.scrape().toString()).isNotEmpty();
        assertThat(registry.scrape().stream().findFirst().orElseThrow().getDataPoints())
                .singleElement()
                .extracting("sum", "count")
                .containsExactly(2.0, 1L);
    }

    @Test
    void answersInOpenMetricsWhoeverAsksForIt() {
        MetricsRig.Answer open = rig.get(
                AllowedPeers.of("access", "loopback"),
                "::1",
                Map.of("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
        assertThat(open.headers().get("Content-Type")).startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n");
        assertThat(rig.scrape().headers().get("Content-Type")).startsWith("text/plain");
    }

    @Test
    void everybodyElseFindsNothing() {
        MetricsRig.Answer nothing = new MetricsRig.Answer(404, Map.of("Content-Length", "0"), "");
        AllowedPeers loopback = AllowedPeers.of("access", "loopback");
        assertThat(rig.get(loopback, "192.0.2.1", Map.of())).isEqualTo(nothing);
        assertThat(rig.get(loopback, "127.0.0.1", Map.of("X-Forwarded-For", "192.0.2.1")))
                .as("through a web server on this host")
                .isEqualTo(nothing);
        assertThat(rig.get(AllowedPeers.of("access", "off"), "127.0.0.1", Map.of()))
                .isEqualTo(nothing);
        AllowedPeers listed = AllowedPeers.of("access", "10.0.0.0/8", "192.0.2.1");
        assertThat(rig.get(listed, "192.0.2.1", Map.of()).status()).isEqualTo(200);
        assertThat(rig.get(listed, "10.1.2.3", Map.of()).status()).isEqualTo(200);
        assertThat(rig.get(listed, "127.0.0.1", Map.of())).isEqualTo(nothing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"any", "0.0.0.0/0", "::/0", "public"})
    void isNeverOpenToEverybody(String word) {
        assertThatThrownBy(() -> MetricsSettings.read(Map.of("access", word)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "access = " + word + ": must not be open to everyone; list addresses or networks");
    }

    @Test
    void refusesAPathThatIsNone() {
        assertThatThrownBy(() -> MetricsSettings.read(Map.of("path", "metrics")))
                .hasMessageContaining("path = metrics: must be a path such as /metrics");
    }
}
