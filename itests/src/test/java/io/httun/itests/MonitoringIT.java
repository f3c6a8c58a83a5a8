// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.httun;
import static io.httun.itests.KarafOptions.httunServer;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.service.cm.ConfigurationAdmin;

/** Feature httun-metrics in a real Karaf, read with curl. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class MonitoringIT extends InKaraf {
    private static final String WEB = "http://127.0.0.1:" + System.getProperty("itests.web.port");

    @Configuration
    public Option[] configuration() {
        Path secret = Keys.write(
                Path.of(KarafOptions.build("work"), "monitoring-" + Keys.randomId(), "home.key"), Keys.secret());
        return options(
                karaf(),
                webServer(Ports.free()),
                httunServer(secret),
                httun("httun-metrics", "httun-web"),
                editConfigurationFilePut("etc/users.properties", "operator", "secret,viewer,admin"));
    }

    private static ChildPrograms.Result curl(String path, String... options) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of("curl", "-s", "-o", "-", "-w", "\n%{http_code} %{size_download} %{content_type}"),
                        Stream.concat(Stream.of(options), Stream.of(WEB + path)))
                .toList();
        return ChildPrograms.run(Duration.ofSeconds(30), command.toArray(String[]::new));
    }

    @Test
    public void aScrapeShowsThisServer() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(curl("/metrics").output())
                .contains("httun_channel_up{channel=\"home\",side=\"server\"} 1.0")
                .contains("httun_endpoint_up{endpoint=\"default\",kind=\"cxf\"} 1.0")
                .contains("httun_refusals_total{cause=\"key\",part=\"server\"} 0.0")
                .contains("httun_event_loop_lag_seconds_count ")
                .contains("jvm_memory_used_bytes{area=\"heap\"}")
                .contains("\n200 "));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/metrics", "-H", "Accept: application/openmetrics-text")
                                .output())
                        .contains("\n# EOF\n\n200 ")
                        .contains("application/openmetrics-text"));
    }

    @Test
    public void whoMayNotReadGetsTheAnswerThatIsGivenForNothing() {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/metrics").output()).contains("\n200 "));
        assertNothing("/metrics", "-H", "X-Forwarded-For: 192.0.2.1");
        assertNothing("/metrics", "-X", "POST");
        assertNothing("/metrics/other");
    }

    private static void assertNothing(String path, String... options) {
        try {
            assertThat(curl(path, options).output().strip()).isEqualTo("404 0");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The same problems in the same words, whoever asks. */
    @Test
    public void everyOutputGivesOneVerdict() throws Exception {
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(shell("httun:health")).doesNotContain(FAILED);
            assertThat(curl("/health").output())
                    .startsWith("{\"status\":\"OK\"")
                    .contains("\n200 ");
            assertThat(bean("io.httun:type=Health", "Status")).isEqualTo("OK");
        });
        stop("io.httun.filter");
        try {
            await().atMost(LIMIT).untilAsserted(() -> {
                String problem = "filters: there is no filter targets, so everything is refused";
                assertThat(shell("httun:health")).contains(problem, FAILED);
                assertThat(curl("/health").output())
                        .startsWith("{\"status\":\"CRITICAL\"")
                        .contains(problem, "\n503 ");
                assertThat(curl("/health/ready").output()).contains(problem, "\n503 ");
                assertThat(curl("/health/live").output()).contains("event-loops", "\n200 ");
                assertThat(bean("io.httun:type=Health", "Status")).isEqualTo("CRITICAL");
                assertThat((String[]) bean("io.httun:type=Health", "Problems"))
                        .anySatisfy(line -> assertThat(line).contains(problem));
                assertThat(bean("org.apache.felix.healthcheck:type=HealthCheck,name=httun-filters", "ok"))
                        .isEqualTo(false);
                assertThat(curl("/metrics").output()).contains("httun_health_status 2.0");
            });
        } finally {
            start("io.httun.filter");
        }
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/health").output()).contains("\n200 "));
        assertNothing("/health", "-H", "X-Forwarded-For: 192.0.2.1");
        assertNothing("/health/other");
    }

    /** Nobody asks for the service of a channel: it has to start by itself once what was wrong is right. */
    @Test
    public void aRefusedPartStartsOnceItsFileOrItsConfigurationIsCorrected() throws Exception {
        Path key = Path.of(KarafOptions.build("work"), "late-" + Keys.randomId() + ".key");
        org.osgi.service.cm.Configuration channel =
                service(ConfigurationAdmin.class).createFactoryConfiguration("io.httun.channel", "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("name", "late");
        properties.put("id", "99");
        properties.put("secret.file", key.toString());
        properties.put("filters", "none");
        channel.update(properties);
        try {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(shell("httun:health")).contains("late-", "cannot be read", FAILED));
            Keys.write(key, Keys.secret());
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(shell("httun:channel-list")).contains("late"));
            channel.update(with(properties, "filterz", "none"));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(shell("httun:health")).contains("filterz", FAILED));
            channel.delete();
            channel = service(ConfigurationAdmin.class).createFactoryConfiguration("io.httun.channel", "?");
            channel.update(with(properties, "filterz", "none"));
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(shell("httun:channel-list")).doesNotContain("late"));
            channel.update(properties);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(shell("httun:channel-list")).contains("late"));
        } finally {
            channel.delete();
            Files.deleteIfExists(key);
        }
    }

    private static Dictionary<String, Object> with(Dictionary<String, Object> properties, String key, String value) {
        Hashtable<String, Object> more = new Hashtable<>();
        Collections.list(properties.keys()).forEach(each -> more.put(each, properties.get(each)));
        more.put(key, value);
        return more;
    }

    /** A check of Felix that somebody configures, as the one of DS components that comes with the feature. */
    @Test
    public void aCheckOfFelixIsPartOfTheVerdict() throws Exception {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/health").output()).contains("\n200 "));
        org.osgi.service.cm.Configuration check = service(ConfigurationAdmin.class)
                .createFactoryConfiguration("org.apache.felix.hc.generalchecks.DsComponentsCheck", "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("hc.name", "absent");
        properties.put("hc.tags", "test");
        properties.put("statusForMissing", "CRITICAL");
        properties.put("components.list", new String[] {"io.httun.no.such.Component"});
        check.update(properties);
        try {
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(curl("/health").output()).contains("health check absent", "\n503 ");
                assertThat(shell("httun:health")).contains("health check absent", "io.httun.no.such.Component");
            });
        } finally {
            check.delete();
        }
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/health").output()).contains("\n200 "));
    }

    @Test
    public void jsonMBeansAndMetricsShowTheSameNumbers() {
        await().atMost(LIMIT).untilAsserted(() -> {
            long refused = (long) bean("io.httun:type=Channel,side=server,name=home", "Refused");
            assertThat(shell("httun:channel-list --json"))
                    .contains("\"name\":\"home\"", "\"refused\":" + refused + ",");
            assertThat(shell("httun:status --json --all")).contains("\"refused\":" + refused + ",\"path\":\"\"}");
            assertThat(curl("/metrics").output())
                    .contains("httun_channel_refused_total{channel=\"home\",side=\"server\"} " + (double) refused);
        });
    }

    /** Feature httun-web: Karaf's realm knows the users, and the page shows what the console shows. */
    @Test
    public void theLivePageLogsInByKarafsRealmAndShowsTheSameNumbers() throws Exception {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(curl("/httun-page/").output()).contains("type=\"password\"", "\n200 "));
        assertThat(curl("/httun-page/", "-H", "Via: proxy").output().strip()).isEqualTo("404 0");
        assertThat(curl("/httun-page/data").output()).contains("Log in first", "\n401 ");
        assertThat(login("user=operator&password=wrong")).contains("User or password is wrong", "\n401 ");
        Matcher cookie =
                Pattern.compile("(?i)set-cookie: (httun-page=\\S+);").matcher(login("user=operator&password=secret"));
        assertThat(cookie.find()).as("logged in by Karaf's realm").isTrue();
        await().atMost(LIMIT).untilAsserted(() -> {
            String page = curl("/httun-page/data?table=channels&limit=10", "-b", cookie.group(1))
                    .output();
            assertThat(page).contains("\"user\":\"operator\"", "\"act\":true", "[\"server\",\"home\",");
            long refused = (long) bean("io.httun:type=Channel,side=server,name=home", "Refused");
            assertThat(page).containsPattern("\\[\"server\",\"home\",[^]]*," + refused + ",\"\"]");
        });
        losesItsSession(cookie.group(1));
        Matcher link = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/httun-page/#(\\S{43})")
                .matcher(shell("httun:page"));
        assertThat(link.find()).isTrue();
        assertThat(login("token=" + link.group(1))).contains("Logged in", "\n200 ");
        assertThat(login("token=" + link.group(1))).contains("has been used", "\n401 ");
    }

    /** The user of the cookie's session loses the role by which it may act. */
    private static void losesItsSession(String cookie) throws Exception {
        Path users = Path.of(System.getProperty("karaf.etc"), "users.properties");
        String before = Files.readString(users);
        assertThat(curl("/httun-page/data", "-b", cookie).output()).contains("\n200 ");
        Files.writeString(users, before.replaceAll("(?m)^operator *=.*$", "operator = secret,viewer"));
        try {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(
                            curl("/httun-page/data", "-b", cookie).output())
                    .contains("Log in first", "\n401 "));
        } finally {
            Files.writeString(users, before);
        }
    }

    private static String login(String form) throws Exception {
        return curl("/httun-page/login", "-i", "-H", "Origin: " + WEB, "-d", form)
                .output();
    }

    private static Object bean(String name, String attribute) throws Exception {
        return ManagementFactory.getPlatformMBeanServer().getAttribute(new ObjectName(name), attribute);
    }

    @Test
    public void aChangedPathAndAccessTakeEffect() throws Exception {
        org.osgi.service.cm.Configuration configuration =
                service(ConfigurationAdmin.class).getConfiguration("io.httun.metrics", "?");
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("path", "/other");
        configuration.update(properties);
        try {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(curl("/other").output()).contains("\n200 "));
            assertThat(curl("/metrics").output()).contains("\n404 ");
            properties.put("access", "off");
            configuration.update(properties);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(curl("/other").output()).contains("\n404 "));
        } finally {
            configuration.update(new Hashtable<>());
        }
    }
}
