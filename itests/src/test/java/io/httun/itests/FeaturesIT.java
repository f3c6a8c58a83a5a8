// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.httunRepository;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import org.apache.karaf.features.FeaturesService;
import org.junit.Assume;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.service.cm.ConfigurationAdmin;

/** Each feature on a stock Karaf, installed and taken away again as from the console. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class FeaturesIT extends InKaraf {
    @Configuration
    public Option[] configuration() {
        return options(karaf(), webServer(Ports.free()), httunRepository());
    }

    @Test
    public void theServerFeatureStarts() throws Exception {
        assertFeature("httun-server");
        assertThat(ourBundles())
                .contains("io.httun.server", "io.httun.endpoint.cxf", "io.httun.endpoint.netty", "io.httun.shell");
        assertThat(ourBundles()).doesNotContain("io.httun.client", "io.httun.listener");
        uninstall("httun-server");
    }

    @Test
    public void theClientFeatureStartsWithoutAWebServer() throws Exception {
        assertFeature("httun-client");
        assertThat(ourBundles()).contains("io.httun.client", "io.httun.listener", "io.httun.shell");
        assertThat(ourBundles()).doesNotContain("io.httun.server", "io.httun.endpoint.cxf");
        uninstall("httun-client");
    }

    @Test
    public void bothEndsStartInOneKaraf() throws Exception {
        assertFeature("httun");
        assertThat(ourBundles()).contains("io.httun.client", "io.httun.server");
        uninstall("httun");
    }

    /** With what is configured rather than there from the start: a way through other proxies, and rules in a file. */
    @Test
    public void waysOutAndRulesStart() throws Exception {
        install("httun-client");
        install("httun-connector-upstream");
        Path rules = Files.writeString(Files.createTempFile("itests", ".rules"), "allow /(?i)example.org:443$/\n");
        configure("io.httun.filter.rules", "web", Map.of("name", "web", "file", rules.toString()));
        configure(
                "io.httun.connector.upstream",
                "corp",
                Map.of(
                        "name",
                        "corp",
                        "proxies",
                        "main=http://127.0.0.1:3128",
                        "ways",
                        "*:25 refuse, * via main | direct"));
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(shell("httun:proxy-list")).contains("corp", "main", "127.0.0.1:3128");
            assertThat(shell("httun:rule-list")).contains("allow /(?i)example.org:443$/");
            assertThat(shell("httun:filter-check example.org:80 --filter web")).contains("no rule matches");
            assertThat(unsatisfied()).isEmpty();
        });
        Files.delete(rules);
        features.uninstallFeatures(
                Set.of("httun-client", "httun-connector-upstream"), EnumSet.noneOf(FeaturesService.Option.class));
    }

    /** Its libraries load only if they, Netty and the endpoint are wired to each other. */
    @Test
    public void theStandaloneServerEncryptsByOpenSsl() throws Exception {
        Assume.assumeTrue(
                "BoringSSL is for Linux", System.getProperty("os.name").equals("Linux"));
        install("httun-server");
        Path folder = Files.createTempDirectory("itests");
        Path password = Files.writeString(folder.resolve("password"), "changeit");
        Path store = folder.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String command =
                keytool + " -genkeypair -keyalg EC -dname CN=own -storetype PKCS12 -storepass changeit -keystore ";
        ChildPrograms.run(Duration.ofSeconds(30), (command + store).split(" ")).ok();
        org.osgi.service.cm.Configuration own = configure(
                "io.httun.endpoint.netty",
                "own",
                Map.of(
                        "name",
                        "own",
                        "listen",
                        "tls:127.0.0.1:0",
                        "tls.certificate.file",
                        store.toString(),
                        "tls.password.file",
                        password.toString()));
        try {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log())
                    .contains("Endpoint own: TLS by OpenSSL (BoringSSL)", "Endpoint own listens on tls:127.0.0.1:"));
        } finally {
            own.delete();
        }
        uninstall("httun-server");
    }

    private org.osgi.service.cm.Configuration configure(String pid, String name, Map<String, Object> properties)
            throws IOException {
        org.osgi.service.cm.Configuration configuration =
                service(ConfigurationAdmin.class).getFactoryConfiguration(pid, name, "?");
        configuration.update(new Hashtable<>(properties));
        return configuration;
    }

    private void assertFeature(String name) throws Exception {
        install(name);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(unsatisfied()).isEmpty());
        assertThat(shell("httun:status")).doesNotContain(FAILED).isNotBlank();
    }

    private void uninstall(String name) throws Exception {
        features.uninstallFeatures(Set.of(name), EnumSet.noneOf(FeaturesService.Option.class));
        assertThat(ourBundles()).isEmpty();
    }
}
