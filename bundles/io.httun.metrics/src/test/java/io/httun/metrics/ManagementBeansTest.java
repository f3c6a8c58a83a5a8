// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagementBeansTest {
    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private final List<StatusSource> parts = new ArrayList<>(List.of(new SampleStatus()));
    private HealthReport report = new HealthReport(List.of());
    private final HealthBean health = new HealthBean(() -> report);
    private final ManagementBeans beans = new ManagementBeans(server, new ManagementBeans.Status() {
        @Override
        public <R> List<R> rows(Function<StatusSource, List<R>> kind) {
            return StatusSnapshot.rows(parts, kind);
        }
    });

    @AfterEach
    void noBeanIsLeft() throws Exception {
        beans.stop();
        assertThat(server.queryNames(new ObjectName("io.httun:*"), null)).isEmpty();
    }

    private Object read(String bean, String attribute) throws Exception {
        return server.getAttribute(new ObjectName("io.httun:" + bean), attribute);
    }

    /** JSON, MBeans and metrics have one source, and no rounding or other sign on the way. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            channels   | requests    | type=Channel,side=server,name=home  | httun_channel_requests_total{channel="home",side="server"}
            channels   | bytesIn     | type=Channel,side=server,name=home  | httun_channel_payload_bytes_total{channel="home",direction="in",side="server"}
            channels   | framesOut   | type=Channel,side=server,name=home  | httun_channel_frames_total{channel="home",direction="out",side="server"}
            channels   | sessions    | type=Channel,side=server,name=home  | httun_channel_sessions{channel="home",side="server"}
            listeners  | refused     | type=Listener,name=socks-home       | httun_listener_refused_total{kind="socks",listener="socks-home"}
            endpoints  | requests    | type=Endpoint,kind=cxf,name=default | httun_endpoint_requests_total{endpoint="default",kind="cxf"}
            filters    | denied      | type=Filter,name=default            | httun_filter_decisions_total{decision="denied",filter="default"}
            proxies    | failures    | type=Proxy,connector=corp,name=squid | httun_proxy_failures_total{connector="corp",proxy="squid"}
            tuns       | bytesOut    | type=Tun,name=office                | httun_tun_bytes_total{direction="out",tun="office"}
            """)
    void allOutputsShowTheSameNumber(String kind, String component, String bean, String metric) throws Exception {
        beans.start(health);
        JsonElement json = JsonParser.parseString(Json.write(StatusSnapshot.of(parts)))
                .getAsJsonObject()
                .getAsJsonArray(kind)
                .get(0);
        double number = ((JsonObject) json).get(component).getAsDouble();
        assertThat(number).isPositive();
        assertThat(((Number) read(bean, OpenRecord.attribute(component))).doubleValue())
                .isEqualTo(number);
        assertThat(new MetricsRig(parts.get(0)).scrape().values()).containsEntry(metric, number);
    }

    @Test
    void tablesHaveEveryRowWithEveryComponent() throws Exception {
        beans.start(health);
        assertThat(read("type=Sessions", "Count")).isEqualTo(2);
        CompositeData[] sessions = (CompositeData[]) read("type=Sessions", "Rows");
        assertThat(sessions[1].get("id")).isEqualTo("5e56");
        assertThat(sessions[1].get("keySeconds")).isEqualTo(70L);
        for (String kind :
                List.of("Pipes", "Streams", "Connections", "Reverses", "Drains", "Nodes", "Limits", "Refusals")) {
            assertThat((CompositeData[]) read("type=" + kind, "Rows")).as(kind).isNotEmpty();
        }
    }

    @Test
    void beansFollowTheParts() throws Exception {
        beans.start(health);
        ObjectName other = new ObjectName("io.httun:type=Channel,side=server,name=\"a,b\"");
        assertThat(server.isRegistered(other)).isFalse();
        StatusSource more = new StatusSource() {
            @Override
            public List<ChannelStatus> channels() {
                return List.of(new ChannelStatus("server", "a,b", 2, "enabled", 0, 0, 0, 0, 0, 0, 0, 0, ""));
            }
        };
        parts.add(more);
        beans.follow();
        assertThat(server.getAttribute(other, "Id")).isEqualTo(2);
        assertThat(server.getAttributes(other, new String[] {"Name", "State"}))
                .containsExactly(new Attribute("Name", "a,b"), new Attribute("State", "enabled"));
        parts.remove(more);
        assertThatThrownBy(() -> server.getAttribute(other, "Id")).isInstanceOf(AttributeNotFoundException.class);
        beans.follow();
        assertThat(server.isRegistered(other)).isFalse();
    }

    @Test
    void nothingCanBeWritten() {
        beans.start(health);
        assertThatThrownBy(() -> server.setAttribute(
                        new ObjectName("io.httun:type=Channel,side=server,name=home"), new Attribute("Id", 3)))
                .hasMessageContaining("Id can only be read");
    }

    @Test
    void aChangedVerdictIsANotification() throws Exception {
        beans.start(health);
        List<Notification> told = new ArrayList<>();
        server.addNotificationListener(
                ManagementBeans.HEALTH, (notification, back) -> told.add(notification), null, null);
        Problem problem = new Problem("socks.cfg", "bind = x", "correct it");
        report = new HealthReport(List.of(new HealthChecks.Result("parts", HealthStatus.WARN, List.of(problem))));
        health.changed(HealthStatus.OK, report);
        assertThat(told).singleElement().satisfies(notification -> {
            assertThat(notification.getType()).isEqualTo("io.httun.health.changed");
            assertThat(notification.getMessage()).isEqualTo("OK -> WARN\nsocks.cfg: bind = x; remedy: correct it");
            assertThat(notification.getUserData()).isEqualTo("WARN");
        });
        HealthMXBean seen = JMX.newMXBeanProxy(server, ManagementBeans.HEALTH, HealthMXBean.class, true);
        assertThat(Map.of(seen.getStatus(), List.of(seen.getProblems())))
                .isEqualTo(Map.of("WARN", List.of("socks.cfg: bind = x; remedy: correct it")));
    }
}
