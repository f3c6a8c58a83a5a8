// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.NetworkNamespaces;
import io.httun.itests.fixture.ProcessPorts.Listening;
import io.httun.itests.fixture.StockKaraf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The KAR in a Karaf as it is downloaded, on a host without any network, as the README says. */
class KarIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Listening WEB_SERVER = new Listening(8181, true);
    private static final Listening SOCKS = new Listening(1080, true);

    @TempDir
    Path folder;

    @Test
    void installsWithoutANetworkAndLeavesNothingBehind() throws Exception {
        NetworkNamespaces.obstacle().ifPresent(missing -> Assumptions.abort("hosts cannot be made here: " + missing));
        Path kar = Path.of(KarafOptions.build("kar"));
        try (NetworkNamespaces host = NetworkNamespaces.make("kar");
                StockKaraf karaf = new StockKaraf(host, Path.of(KarafOptions.build("karaf")), folder).start();
                StockKaraf.Console console = karaf.new Console()) {
            console.run("version");
            Set<String> bundles = karaf.bundles();
            Set<String> files = karaf.files();
            Set<Listening> ports = karaf.ports();

            karaf.deploy(kar);
            await("features on offer").atMost(LIMIT).until(() -> karaf.console("feature:list")
                    .contains("httun-server"));
            assertThat(karaf.bundles()).as("offers, and starts nothing").isEqualTo(bundles);
            assertThat(karaf.ports()).isEqualTo(ports);

            console.run("feature:install httun-server");
            console.run("feature:install httun-client");
            console.run("feature:install httun-tun");
            assertThat(karaf.bundles()).contains("io.httun.server", "io.httun.client", "io.httun.tun");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(karaf.ports()).isEqualTo(with(ports, WEB_SERVER)));
            carries(karaf, host, ports);

            console.run("feature:uninstall -c httun-server httun-client httun-tun");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(karaf.bundles()).isEqualTo(bundles));
            assertThat(karaf.files()).isEqualTo(files);
            assertThat(karaf.console("config:list '(service.pid=*httun*)'")).doesNotContain("service.pid");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(karaf.ports()).isEqualTo(ports));

            karaf.undeploy(kar);
            await("nothing on offer").atMost(LIMIT).until(() -> !karaf.console("feature:repo-list")
                    .contains("httun"));
            assertThat(karaf.bundles()).isEqualTo(bundles);
            assertThat(karaf.home()).as("no local repository").isEmptyDirectory();
            console.run("version");
        }
    }

    /** A tunnel to this Karaf's own web server, which has no page. */
    private void carries(StockKaraf karaf, NetworkNamespaces host, Set<Listening> ports) throws IOException {
        Path key = Keys.write(folder.resolve("home.key"), Keys.secret());
        Path channel = write(
                karaf, "io.httun.channel-home", "name = home", "id = 1", "secret.file = " + key, "filters = here");
        Path filter = write(karaf, "io.httun.filter.pattern-here", "name = here", "rules = allow 127.0.0.1");
        Path client = write(
                karaf,
                "io.httun.client-home",
                "name = home",
                "id = 1",
                "urls = http://127.0.0.1:8181/httun",
                "secret.file = " + key);
        Path listener = write(
                karaf,
                "io.httun.listener.socks-home",
                "name = home",
                "bind = 127.0.0.1:1080",
                "connector.target = (name=home)");
        String curl = "curl -s -o /dev/null -w '%{http_code}' -x socks5h://127.0.0.1:1080 http://127.0.0.1:8181/";
        await("curl through the tunnel").atMost(LIMIT).until(() -> host.works(curl + " | grep -q 404"));
        assertThat(karaf.ports()).isEqualTo(with(with(ports, WEB_SERVER), SOCKS));
        for (Path file : List.of(listener, client, channel, filter)) {
            Files.delete(file);
        }
        await("its listener closed").atMost(LIMIT).until(() -> !karaf.ports().contains(SOCKS));
    }

    private static Path write(StockKaraf karaf, String pid, String... lines) throws IOException {
        return Files.write(karaf.etc(pid + ".cfg"), List.of(lines));
    }

    private static Set<Listening> with(Set<Listening> ports, Listening another) {
        Set<Listening> more = new HashSet<>(ports);
        more.add(another);
        return more;
    }
}
