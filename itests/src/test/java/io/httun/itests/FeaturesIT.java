// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static io.httun.itests.KarafOptions.httunRepository;
import static io.httun.itests.KarafOptions.karaf;
import static io.httun.itests.KarafOptions.webServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.httun.itests.fixture.Ports;
import java.util.EnumSet;
import java.util.Set;
import org.apache.karaf.features.FeaturesService;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;

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
