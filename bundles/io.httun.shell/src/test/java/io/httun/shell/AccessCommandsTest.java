// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ClusterChannels;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.ChannelControl;
import io.httun.toolkit.config.ChannelSecrets;
import io.httun.toolkit.tunnel.TunnelLink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.service.cm.ConfigurationAdmin;

/** Access at the server: given, limited, taken back. */
class AccessCommandsTest {
    private static final String URL = "http://tunnel.example.org/httun";

    @TempDir
    Path etc;

    private FakeConfigurations configurations;
    private FakeServices services;

    @BeforeEach
    void start() {
        configurations = new FakeConfigurations(etc);
        services = new FakeServices()
                .add(ConfigurationAdmin.class, configurations.admin())
                .add(StatusSource.class, new StatusSource() {
                    @Override
                    public List<ChannelStatus> channels() {
                        return configurations.names("io.httun.channel").stream()
                                .map(name -> Samples.channel("server", name, 0))
                                .toList();
                    }
                });
    }

    private ChannelAddCommand add(String name) {
        ChannelAddCommand command = new ChannelAddCommand();
        command.etc = etc;
        command.patience = Duration.ofMillis(1);
        command.name = name;
        command.url = URL;
        return command;
    }

    private String run(HttunCommand command) throws Exception {
        return Run.command(command, services);
    }

    private static TunnelLink link(String printed) {
        assertThat(printed).startsWith("httun join '").endsWith("'\n").hasLineCount(1);
        return TunnelLink.parse(printed.substring(12, printed.length() - 2));
    }

    private List<String> files() throws Exception {
        try (Stream<Path> all = Files.walk(etc)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> etc.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void oneCommandMakesChannelAndSecretAndPrintsTheLineThatJoins() throws Exception {
        TunnelLink link = link(run(add("laptop")));
        assertThat(link.url()).isEqualTo(URL);
        assertThat(link.name()).isEqualTo("laptop");
        assertThat(link.id()).isEqualTo(1);
        assertThat(files()).containsExactly("httun/laptop.key", "io.httun.channel-laptop.cfg");
        Path key = etc.resolve("httun/laptop.key");
        assertThat(ChannelSecrets.read(key.toString(), "").current()).isEqualTo(link.secret());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(etc.resolve("io.httun.channel-laptop.cfg"))
                .content()
                .contains("\nname = laptop\nid = 1\nsecret.file = ${karaf.etc}/httun/laptop.key\nfilters = default\n");
        assertThat(link(run(add("phone"))).id()).isEqualTo(2);
    }

    @Test
    void limitsAndAnOwnFilterComeWithTheChannel() throws Exception {
        Files.writeString(
                etc.resolve("io.httun.filter.address-default.cfg"),
                "name = default\ndeny = private\nallow = 10.9.0.1\n");
        ChannelAddCommand command = add("ann");
        command.allow = "10.1.0.0/16";
        command.quota = "10gb/month";
        command.expires = "2026-12-31";
        command.hours = "mon-fri@08:00-18:00";
        command.sources = "192.0.2.0/24";
        command.policy = "life=8h,bytes=1gb";
        run(command);
        assertThat(etc.resolve("io.httun.channel-ann.cfg"))
                .content()
                .contains(
                        "filters = ann\n",
                        "quota = 10gb/month\n",
                        "expires = 2026-12-31\n",
                        "hours = mon-fri@08:00-18:00\n",
                        "sources = 192.0.2.0/24\n",
                        "policy = life=8h,bytes=1gb\n");
        assertThat(etc.resolve("io.httun.filter.address-ann.cfg"))
                .content()
                .endsWith("name = ann\ndeny = private\nallow = 10.9.0.1, 10.1.0.0/16\n");
    }

    @Test
    void aLinkCanBeScannedAndAStockClientConfigured() throws Exception {
        ChannelAddCommand command = add("phone");
        command.qr = true;
        assertThat(run(command)).contains("httun join '", "\u2588");
        ChannelAddCommand stock = add("rust");
        stock.stock = true;
        assertThat(run(stock))
                .containsPattern("uuid = \"[0-9a-f-]{36}\"")
                .contains("urls = [ \"" + URL + "\" ]", "id = 2", "alias = \"rust\"", "shared-secret = \"")
                .doesNotContain("httun join");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "../up||NAME = ../up: must be 1 to 64 of",
                "laptop||There is a channel named laptop already: take another name, or give it a new secret with"
                        + " httun:channel-rotate laptop",
                "kept||io.httun.channel-kept.cfg is there already, and nothing was written",
                "x|quota=ten/day|quota = ten: must be a size",
                "x|quota=1gb/day${karaf.etc}|must not hold \\, $ or control characters",
                "x|hours=9-17|hours = 9-17: must be like",
                "x|sources=here|sources = here",
                "x|policy=fast|policy = fast: must be KEY=VALUE",
                "x|allow=everything|--allow = everything",
                "x|url=ftp://a|--url = ftp://a: must be http://HOST",
                "x|url=|The public URL of this server is not known: give --url http://HOST/PATH, or set public.url",
            })
    void whatIsWrongIsOneSentenceAndNothingIsWritten(String name, String option, String message) throws Exception {
        run(add("laptop"));
        Files.createDirectory(etc.resolve("io.httun.channel-kept.cfg"));
        List<String> before = files();
        ChannelAddCommand command = add(name);
        if (option != null) {
            command.late = List.of("--" + option.split("=", 2)[0], option.split("=", 2)[1]);
        }
        assertThatThrownBy(() -> run(command)).hasMessageContaining(message);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void aChannelThatTheServerDoesNotTakeLeavesNoFiles() throws Exception {
        services.remove(StatusSource.class);
        assertThatThrownBy(() -> run(add("laptop")))
                .hasMessage("The server did not take the new channel within 0 s, and its files were deleted: see"
                        + " httun:health");
        assertThat(files()).isEmpty();
    }

    /** The filter of a channel is missing until the server has read its file, too. */
    @Test
    void aProblemThatPassesWhileAChannelStartsIsNoRefusal() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        services.remove(StatusSource.class);
        services.add(
                HealthSource.class,
                () -> List.of(new Problem("io.httun.channel-laptop.cfg", "there is no filter laptop", "wait")));
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<ChannelStatus> channels() {
                return looks.incrementAndGet() < 4 ? List.of() : List.of(Samples.channel("server", "laptop", 0));
            }
        });
        ChannelAddCommand command = add("laptop");
        command.patience = Duration.ofSeconds(20);
        assertThat(link(run(command)).name()).isEqualTo("laptop");
    }

    @Test
    void theConfiguredUrlIsInTheLinkAndAnEndpointOfLoopbackIsNot() throws Exception {
        ChannelAddCommand command = add("laptop");
        command.url = "";
        Files.writeString(etc.resolve("io.httun.server.cfg"), "public.url = https://p.example.org\n");
        assertThat(link(run(command)).url()).isEqualTo("https://p.example.org");
        Files.writeString(etc.resolve("io.httun.server.cfg"), "# nothing\n");
        services.add(StatusSource.class, endpoint("127.0.0.1:8080"));
        ChannelAddCommand second = add("second");
        second.url = "";
        assertThatThrownBy(() -> run(second)).hasMessageEndingWith("this machine alone reaches http://127.0.0.1:8080");
        services.add(StatusSource.class, endpoint("tls:192.0.2.1:443"));
        assertThat(link(run(second)).url()).isEqualTo("https://192.0.2.1:443");
    }

    private static StatusSource endpoint(String address) {
        return new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(new EndpointStatus("default", "netty", address, "open", 0, 0));
            }
        };
    }

    private void disable(String name) throws Exception {
        ChannelDisableCommand command = new ChannelDisableCommand();
        command.name = name;
        run(command);
    }

    @Test
    void aChannelIsClosedAndOpenedInItsFileAndAtOnce() throws Exception {
        run(add("laptop"));
        Path file = etc.resolve("io.httun.channel-laptop.cfg");
        String before = Files.readString(file);
        disable("laptop");
        assertThat(file).hasContent(before + "enabled = false\n");
        assertThat(configurations.updated).singleElement().asString().contains("enabled=false");
        ChannelEnableCommand command = new ChannelEnableCommand();
        command.name = "laptop";
        run(command);
        assertThat(file).hasContent(before + "enabled = true\n");
        assertThatThrownBy(() -> disable("desk")).hasMessage("There is no channel named desk; there is: laptop");
    }

    /** A server of a cluster, as node 1. */
    private static final class Cluster implements ClusterChannels {
        private final Map<String, ChannelClosure> said = new HashMap<>();

        @Override
        public boolean tell(String channel, ChannelClosure.State state) {
            said.put(channel, new ChannelClosure(channel, 1, 1, state));
            return true;
        }

        @Override
        public Optional<ChannelClosure> closure(String channel) {
            return Optional.ofNullable(said.get(channel));
        }
    }

    @Test
    void aClusterHearsOfChannelsThatAreClosedAndOpened() throws Exception {
        Cluster cluster = new Cluster();
        services.add(ClusterChannels.class, cluster);
        run(add("laptop"));
        ChannelDisableCommand disable = new ChannelDisableCommand();
        disable.name = "laptop";
        assertThat(run(disable)).contains("; the other servers of the cluster refuse it within 2 s");
        assertThat(cluster.closure("laptop").orElseThrow().state()).isEqualTo(ChannelClosure.State.DISABLED);
        ChannelEnableCommand enable = new ChannelEnableCommand();
        enable.name = "laptop";
        assertThat(run(enable)).contains("Enabled channel laptop", "It was disabled at node 1");
        assertThat(cluster.closure("laptop").orElseThrow().isClosed()).isFalse();
        ChannelDeleteCommand delete = new ChannelDeleteCommand();
        delete.etc = etc;
        delete.name = "laptop";
        assertThat(run(delete)).contains("delete it there, too: their health names it");
        assertThat(cluster.closure("laptop").orElseThrow().state()).isEqualTo(ChannelClosure.State.DELETED);
        assertThatThrownBy(() -> run(add("laptop")))
                .hasMessageStartingWith("A channel named laptop was deleted at node 1")
                .hasMessageContaining("httun:channel-enable laptop");
        assertThat(files()).isEmpty();
        assertThat(run(enable)).startsWith("A new channel may be named laptop; the other servers");
        assertThat(link(run(add("laptop"))).name()).isEqualTo("laptop");
        enable.name = "desk";
        assertThatThrownBy(() -> run(enable)).hasMessage("There is no channel named desk; there is: laptop");
    }

    @Test
    void aDeletedChannelLeavesNothingOfItsOwnAndKeepsWhatIsNot() throws Exception {
        ChannelAddCommand add = add("laptop");
        add.allow = "10.0.0.0/8";
        run(add);
        Path shared = Files.writeString(etc.resolve("shared.key"), "ab".repeat(32));
        Files.writeString(
                etc.resolve("io.httun.channel-home.cfg"),
                "name = home\nid = 9\nsecret.file = " + shared + "\nfilters = default\n");
        for (String name : List.of("laptop", "home")) {
            ChannelDeleteCommand command = new ChannelDeleteCommand();
            command.etc = etc;
            command.name = name;
            run(command);
        }
        assertThat(files()).containsExactly("shared.key");
    }

    private ChannelRotateCommand rotate() {
        ChannelRotateCommand command = new ChannelRotateCommand();
        command.name = "laptop";
        command.url = URL;
        return command;
    }

    @Test
    void aRotationAddsASecretAndPrintsItsLink() throws Exception {
        TunnelLink old = link(run(add("laptop")));
        AtomicInteger refreshed = new AtomicInteger();
        services.add(ChannelControl.class, refreshed::incrementAndGet, Map.of("name", "laptop"));
        TunnelLink next = link(run(rotate()));
        assertThat(next.id()).isEqualTo(old.id());
        ChannelSecrets secrets =
                ChannelSecrets.read(etc.resolve("httun/laptop.key").toString(), "");
        assertThat(secrets.current()).isEqualTo(old.secret());
        assertThat(secrets.next().orElseThrow().secret()).isEqualTo(next.secret());
        assertThat(refreshed).hasValue(1);
        assertThatThrownBy(() -> run(rotate()))
                .hasMessageContaining("is being rotated until")
                .hasMessageEndingWith("or make another with --force");
        ChannelRotateCommand forced = rotate();
        forced.force = true;
        assertThat(link(run(forced)).secret()).isNotEqualTo(next.secret());
        ChannelRotateCommand wrong = rotate();
        wrong.grace = "soon";
        assertThatThrownBy(() -> run(wrong)).hasMessageContaining("--grace = soon: must be a duration such as");
    }
}
