// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthSource;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.TunStatus;
import io.httun.api.target.TargetConnector;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.EventLoops;
import io.httun.shell.FakeServices;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.dto.ServiceReferenceDTO;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/** A healthy process, and one fault at a time. */
class HealthTest {
    private static final String CHANNEL = "io.httun.channel";
    private static final String SOCKS = "io.httun.listener.socks";
    private static final String CIPHER = FrameCipher.class.getName();
    private static final String CONNECTOR = TargetConnector.class.getName();

    @TempDir
    Path etc;

    private final FakeServices services = new FakeServices();
    private final List<ComponentDescriptionDTO> descriptions = new ArrayList<>();
    private final List<ComponentConfigurationDTO> components = new ArrayList<>();
    private final List<Configuration> configurations = new ArrayList<>();

    @BeforeEach
    void well() {
        add(FrameCipher.class, Map.of());
        add(KeyAgreement.class, Map.of());
        add(TargetFilter.class, Map.of("name", "default"));
        services.bundle("io.httun.filter", Bundle.ACTIVE);
        services.bundle("io.httun.server", Bundle.ACTIVE);
        services.add(
                ConfigurationAdmin.class,
                FakeServices.proxy(
                        ConfigurationAdmin.class, (method, args) -> configurations.toArray(Configuration[]::new)));
        services.add(
                ServiceComponentRuntime.class,
                FakeServices.proxy(
                        ServiceComponentRuntime.class,
                        (method, args) -> method.equals("getComponentDescriptionDTOs")
                                ? descriptions
                                : components.stream()
                                        .filter(each -> each.description == args[0])
                                        .toList()));
        services.add(MetaTypeService.class, FakeServices.proxy(MetaTypeService.class, (method, args) -> metatype()));
        described(CHANNEL);
        configured(CHANNEL, "home");
    }

    private <T> void add(Class<T> type, Map<String, ?> properties) {
        services.add(type, FakeServices.proxy(type, (method, args) -> null), properties);
    }

    /** Metatype of the server's bundle: a channel has the filter named default. */
    private static MetaTypeInformation metatype() {
        AttributeDefinition filters = FakeServices.proxy(
                AttributeDefinition.class,
                (method, args) -> method.equals("getID") ? "filters" : new String[] {"default"});
        ObjectClassDefinition type =
                FakeServices.proxy(ObjectClassDefinition.class, (method, args) -> new AttributeDefinition[] {filters});
        return FakeServices.proxy(MetaTypeInformation.class, (method, args) -> switch (method) {
            case "getFactoryPids" -> new String[] {CHANNEL};
            case "getPids" -> new String[0];
            default -> type;
        });
    }

    private ComponentDescriptionDTO described(String pid, ReferenceDTO... references) {
        ComponentDescriptionDTO description = new ComponentDescriptionDTO();
        description.name = pid;
        description.configurationPid = new String[] {pid};
        description.references = references;
        description.serviceInterfaces = new String[] {pid + ".Service"};
        descriptions.add(description);
        return description;
    }

    private static ReferenceDTO optional(String name, String type) {
        ReferenceDTO reference = new ReferenceDTO();
        reference.name = name;
        reference.interfaceName = type;
        reference.cardinality = "0..1";
        return reference;
    }

    private ComponentConfigurationDTO component(ComponentDescriptionDTO description, int state) {
        ComponentConfigurationDTO component = new ComponentConfigurationDTO();
        component.description = description;
        component.properties = Map.of(
                "service.pid", description.name + "~x", "felix.fileinstall.filename", "file:/etc/" + description.name);
        component.state = state;
        component.satisfiedReferences = new SatisfiedReferenceDTO[0];
        component.unsatisfiedReferences = new UnsatisfiedReferenceDTO[0];
        components.add(component);
        return component;
    }

    private static SatisfiedReferenceDTO bound(String name, String target, ServiceReferenceDTO... services) {
        SatisfiedReferenceDTO reference = new SatisfiedReferenceDTO();
        reference.name = name;
        reference.target = target;
        reference.boundServices = services;
        return reference;
    }

    private static UnsatisfiedReferenceDTO missing(String name) {
        UnsatisfiedReferenceDTO reference = new UnsatisfiedReferenceDTO();
        reference.name = name;
        return reference;
    }

    private void configured(String factory, String name, String... properties) {
        String pid = name.isEmpty() ? factory : factory + "~" + name;
        Hashtable<String, Object> all = new Hashtable<>();
        all.put("felix.fileinstall.filename", "file:/etc/" + pid + ".cfg");
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        configurations.add(FakeServices.proxy(Configuration.class, (method, args) -> switch (method) {
            case "getPid" -> pid;
            case "getFactoryPid" -> name.isEmpty() ? null : factory;
            case "getProperties" -> all;
            default -> throw new UnsupportedOperationException(method);
        }));
    }

    private List<String> problems() {
        return report().problems().stream()
                .map(each -> each.part() + ": " + each.what() + " -> " + each.remedy())
                .toList();
    }

    @Test
    void allIsWell() {
        configured("io.httun.endpoint.fcgi", "default");
        configured("org.apache.karaf.log", "");
        assertThat(problems()).as("a shipped file needs no feature").isEmpty();
    }

    @Test
    void aPartSaysItselfWhatWasRefusedUntilItIsFixed() {
        List<Problem> own = new ArrayList<>(List.of(
                new Problem("a.cfg", "bind = x: must be ADDRESS:PORT", "correct the file, which is not in use")));
        services.add(HealthSource.class, (HealthSource) () -> List.copyOf(own));
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("a.cfg: bind = x: must be ADDRESS:PORT -> correct");
        own.clear();
        assertThat(problems()).isEmpty();
    }

    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<EndpointStatus> endpoints() {
                                return List.of(new EndpointStatus(
                                        "web", "netty", "0.0.0.0:443", "not listening: the port is taken", 0, 0));
                            }
                        },
                        "endpoint web: 0.0.0.0:443: not listening: the port is taken -> correct the configuration"
                                + " io.httun.endpoint.netty"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<EndpointStatus> endpoints() {
                                return List.of(new EndpointStatus("web", "netty", "0.0.0.0:443", "no server", 0, 0));
                            }
                        },
                        "endpoint web: 0.0.0.0:443: no server -> install the feature httun-server, or see what the"
                                + " server waits for"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ListenerStatus> listeners() {
                                return List.of(new ListenerStatus(
                                        "home", "socks", "127.0.0.1:1080", "not listening: taken", 0, 0, 0));
                            }
                        },
                        "listener home: 127.0.0.1:1080: not listening: taken -> free the address, or choose another in"
                                + " its configuration"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ChannelStatus> channels() {
                                return List.of(
                                        client("a", "unreachable: the server answered 404"), client("b", "idle"));
                            }
                        },
                        "client a: unreachable: the server answered 404 -> check urls, id, secret.file and the proxy in"
                                + " io.httun.client, and the server's channel"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ChannelStatus> channels() {
                                return List.of(
                                        client("a", "unreachable: http://h: " + Trouble.SERVER_DOWN),
                                        client("b", "idle"));
                            }
                        },
                        "client a: unreachable: http://h: " + Trouble.SERVER_DOWN),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<ProxyStatus> proxies() {
                                return List.of(new ProxyStatus("p1", "corp", "http", "10.0.0.1:3128", "dead", 0, 1));
                            }
                        },
                        "proxy p1: 10.0.0.1:3128 has failed and is left out for now -> start the proxy, or remove it"
                                + " from io.httun.connector.upstream"),
                Arguments.of(
                        new StatusSource() {
                            @Override
                            public List<TunStatus> tuns() {
                                return List.of(new TunStatus(
                                        "office", "tun0", "down", 1400, "", "", 0, 0, 0, 0, "", "no permission"));
                            }
                        },
                        "tun office: no permission -> correct the configuration io.httun.tun"));
    }

    private static ChannelStatus client(String name, String state) {
        return new ChannelStatus("client", name, 1, state, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("states")
    void aPartThatDoesNotWorkIsNamed(StatusSource part, String problem) {
        services.add(StatusSource.class, part);
        assertThat(problems()).containsExactly(problem);
    }

    @Test
    void aComponentThatDoesNotStartSaysTheLastCause() {
        component(described(SOCKS), ComponentConfigurationDTO.FAILED_ACTIVATION).failure =
                "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by: io.httun.api.config.ConfigException: "
                        + SOCKS + ": bind = x: must be ADDRESS:PORT\n\tat y\n";
        assertThat(problems())
                .containsExactly(
                        SOCKS + ": does not start: bind = x: must be ADDRESS:PORT -> correct the configuration");
    }

    @Test
    void aChainOfComponentsThatWaitNamesItsRoot() {
        ReferenceDTO toServer = optional("server", "io.httun.server.Service");
        toServer.cardinality = "1..1";
        ComponentConfigurationDTO channel =
                component(described("io.httun.channel.x", toServer), ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
        channel.unsatisfiedReferences = new UnsatisfiedReferenceDTO[] {missing("server")};
        component(described("io.httun.server"), ComponentConfigurationDTO.FAILED_ACTIVATION).failure =
                "io.httun.api.config.ConfigException: sessions.max = 0: must be 1 to 1000";
        assertThat(problems())
                .contains("io.httun.channel.x: does not start: waits for server of io.httun.server, which does not"
                        + " start: sessions.max = 0: must be 1 to 1000 -> correct the configuration there");
    }

    @ParameterizedTest
    @CsvSource({"connector, (name=nosuch)", "cipher, (httun.crypto.provider=nosuch)"})
    void aServiceThatARunningComponentNamesAndThatIsNotThere(String name, String target) {
        ComponentConfigurationDTO running = component(
                described(SOCKS, optional(name, name.equals("cipher") ? CIPHER : CONNECTOR)),
                ComponentConfigurationDTO.ACTIVE);
        running.satisfiedReferences = new SatisfiedReferenceDTO[] {bound(name, target)};
        assertThat(problems())
                .containsExactly(SOCKS + ": there is no " + name + " " + target + " -> correct " + name
                        + ".target, or configure and start the " + name + " that it names");
        running.satisfiedReferences = new SatisfiedReferenceDTO[] {bound(name, target, new ServiceReferenceDTO())};
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatIsNotOursOrNotWantedMayBeAbsent() {
        ComponentConfigurationDTO running = component(
                described(SOCKS, optional("events", "org.osgi.service.event.EventAdmin"), optional("tun", CONNECTOR)),
                ComponentConfigurationDTO.ACTIVE);
        running.satisfiedReferences =
                new SatisfiedReferenceDTO[] {bound("events", null), bound("tun", "(!(objectClass=*))")};
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "io.httun.listner.socks, x, no component uses io.httun.listner.socks -> rename the file to"
                + " io.httun.listener.socks-x.cfg",
        "socks, x, no component uses socks -> rename the file to io.httun.listener.socks-x.cfg",
        "socks~x, '', no component uses socks~x -> rename the file to io.httun.listener.socks-x.cfg",
        "io.httun.channel~x, '', no component uses io.httun.channel~x -> rename the file to io.httun.channel-x.cfg",
        "io.httun.nonsense, '', 'no component uses io.httun.nonsense -> remove it, or use a name from"
                + " docs/configuration.md'",
        "io.httun.tun, office, no component uses it: the feature httun-tun is not installed -> feature:install"
                + " httun-tun",
        "io.httun.filter.address, default, no component uses it: the bundle io.httun.filter is not active ->"
                + " bundle:start io.httun.filter",
    })
    void aConfigurationThatNoComponentTakes(String factory, String name, String problem) {
        configured(factory, name);
        assertThat(problems()).containsExactly((name.isEmpty() ? factory : factory + "~" + name) + ".cfg: " + problem);
    }

    @Test
    void everyPidThatIsShippedIsKnown() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("../../config", "../../config/examples")) {
            try (Stream<Path> all = Files.list(Path.of(folder))) {
                all.filter(file -> file.getFileName().toString().startsWith("io.httun."))
                        .forEach(files::add);
            }
        }
        assertThat(files).hasSizeGreaterThan(20).allSatisfy(file -> assertThat(
                        KnownPid.of(file.getFileName().toString().replaceFirst("(\\.cfg.*|-.*)$", "")))
                .as(file.toString())
                .isPresent());
    }

    @Test
    void aFilterThatAConfigurationNamesOrHasByDefault() {
        configured(CHANNEL, "other", "filters", "default, web, none");
        assertThat(problems())
                .containsExactly("io.httun.channel~other.cfg: filters: there is no filter web, so everything is refused"
                        + " -> bundle:start io.httun.filter, configure a filter of that name, or use one of default");
        services.remove(TargetFilter.class);
        assertThat(problems()).anySatisfy(problem -> assertThat(problem)
                .startsWith("io.httun.channel~home.cfg: filters: there is no filter default"));
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(etc.resolve(name), text);
        Files.setLastModifiedTime(etc.resolve(name), FileTime.fromMillis(0));
    }

    @Test
    void aFileThatBecameNoConfiguration() throws IOException {
        file("io.httun.channel~home.cfg", "name = home");
        file("io.httun.listener.socks-x.cfg", "bind = \\u12");
        file("io.httun.listener.socks-y.cfg", "name = y");
        file("org.apache.karaf.log.cfg", "\\u12");
        assertThat(problems())
                .satisfiesExactly(
                        broken -> assertThat(broken)
                                .startsWith("io.httun.listener.socks-x.cfg: is not a properties file: ")
                                .endsWith(" -> correct the file; a backslash in a value is written twice"),
                        refused -> assertThat(refused)
                                .isEqualTo("io.httun.listener.socks-y.cfg: Felix File Install has not loaded it -> see"
                                        + " what it logged: log:display"));
    }

    @Test
    void aCheckThatFailsHidesNoOther() {
        HealthSource broken = () -> {
            throw new IllegalStateException("gone");
        };
        Problem other = new Problem("a", "b", "c");
        assertThat(new Health(
                                List.of(
                                        Health.check("one", HealthStatus.CRITICAL, broken),
                                        Health.check("other", HealthStatus.CRITICAL, () -> List.of(other))),
                                List::of)
                        .problems())
                .hasSize(2)
                .contains(other);
    }

    /** Karaf's web server, which sends {@code body}. */
    private HttpServer webServer(String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private void endpoint(String... bases) {
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(new EndpointStatus("default", "cxf", "/httun", "open", 0, 0));
            }
        });
        services.add("org.osgi.service.http.runtime.HttpServiceRuntime", Map.of("osgi.http.endpoint", bases));
    }

    @Test
    void anEndpointInTheWebServerIsAskedThroughItsOwnUrl() throws IOException {
        HttpServer ours = webServer("");
        HttpServer other = webServer("No service was found.");
        try {
            String base = "http://127.0.0.1:" + other.getAddress().getPort();
            endpoint("http://127.0.0.1:" + ours.getAddress().getPort() + "/", base + "/");
            assertThat(problems())
                    .containsExactly("endpoint default: " + base
                            + "/httun answers 404 instead of the server's answer -> bundle:restart"
                            + " io.httun.endpoint.cxf");
        } finally {
            ours.stop(0);
            other.stop(0);
        }
        assertThat(problems()).hasSize(2).allMatch(problem -> problem.contains("does not answer"));
    }

    @Test
    void aBrokenPartIsWorseThanOneThatGoesOnAsBefore() {
        services.add(HealthSource.class, () -> List.of(new Problem("socks.cfg", "is wrong", "correct it")));
        assertThat(report().status()).isEqualTo(HealthStatus.WARN);
        services.remove(FrameCipher.class);
        assertThat(report().status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(report().checks())
                .filteredOn(check -> check.status() != HealthStatus.OK)
                .extracting(HealthChecks.Result::check)
                .containsExactly("parts", "states");
    }

    private static void awaitUnlessInterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HealthReport report() {
        return HealthReport.of(new Health(new Services(services.context()), etc));
    }

    /** A restart is the remedy: no other check is one of liveness. */
    @Test
    void anEventLoopThatHangsIsNamed() {
        CountDownLatch hanging = new CountDownLatch(1);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        try {
            EventLoops loops = () -> group;
            services.add(EventLoops.class, loops);
            assertThat(new EventLoopProblems(new Services(services.context())).problems())
                    .isEmpty();
            group.next().execute(() -> awaitUnlessInterrupted(hanging));
            assertThat(new EventLoopProblems(new Services(services.context()), 50).problems())
                    .singleElement()
                    .extracting(Problem::what)
                    .isEqualTo("1 of 2 have run nothing for 50 ms");
            assertThat(new Health(new Services(services.context())).checks())
                    .filteredOn(HealthChecks.Check::live)
                    .extracting(HealthChecks.Check::name)
                    .containsExactly("event-loops");
        } finally {
            hanging.countDown();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void aWebServerThatDoesNotListen() {
        endpoint();
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("endpoint default: Karaf's web server does not listen -> see org.osgi.service.http.port");
    }
}
