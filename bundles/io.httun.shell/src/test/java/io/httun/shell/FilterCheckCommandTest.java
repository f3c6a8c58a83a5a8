// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Decision;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.net.InetAddress;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

class FilterCheckCommandTest {
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());

    private List<String> asked;

    private final FakeServices services = new FakeServices()
            .add(EventLoops.class, FakeServices.proxy(EventLoops.class, (method, args) -> LOOPS))
            .add(TargetAdmission.class, (target, filters, resolve, executor) -> {
                asked = filters;
                return target.port() == 22
                        ? executor.newFailedFuture(new RefusedException(
                                RefusedException.Cause.DENIED, "filter default: 10.0.0.1 is in 10.0.0.0/8"))
                        : executor.newSucceededFuture(target.withAddresses(List.of(address())));
            })
            .add(ConfigurationAdmin.class, FakeServices.proxy(ConfigurationAdmin.class, (method, args) -> {
                assertThat(args[0]).isEqualTo("(service.factoryPid=io.httun.channel)");
                return new Configuration[] {
                    channel("plain", null),
                    channel("text", "default, web"),
                    channel("array", new String[] {"web"}),
                    channel("list", List.of("a", "b")),
                    channel("open", "none")
                };
            }));

    @AfterAll
    static void stop() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static InetAddress address() {
        return Target.of("192.0.2.1", 1).addresses().get(0);
    }

    private static Configuration channel(String name, Object filters) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("name", name);
        properties.put("secret", "do not print");
        if (filters != null) {
            properties.put("filters", filters);
        }
        return FakeServices.proxy(Configuration.class, (method, args) -> properties);
    }

    private String check(String target, String channel, List<String> filters, boolean json) throws Exception {
        FilterCheckCommand command = new FilterCheckCommand();
        command.target = target;
        command.channel = channel;
        command.filters = filters;
        command.json = json;
        return Run.command(command, services);
    }

    @Test
    void tellsTheAllowedAddresses() throws Exception {
        assertThat(check("example.org:443", null, null, false))
                .isEqualToNormalizingNewlines("example.org:443 is allowed (filters: default)\n  192.0.2.1\n");
        assertThat(check("example.org:443", null, List.of("a", "b"), true))
                .isEqualToIgnoringNewLines("{\"target\":\"example.org:443\",\"filters\":[\"a\",\"b\"],\"allowed\":true,"
                        + "\"addresses\":[\"192.0.2.1\"],\"reason\":\"\",\"rulings\":[]}");
    }

    @Test
    void tellsTheReasonOfARefusal() throws Exception {
        assertThat(check("10.0.0.1:22", null, null, false))
                .isEqualToIgnoringNewLines(
                        "10.0.0.1:22 is refused (filters: default): filter default: 10.0.0.1 is in 10.0.0.0/8");
        assertThat(check("10.0.0.1:22", null, null, true))
                .contains("\"allowed\":false", "\"reason\":\"filter default: 10.0.0.1 is in 10.0.0.0/8\"");
    }

    @Test
    void tellsWhichRuleRulesForTheNameAndItsAddresses() throws Exception {
        services.add(NameResolver.class, (host, executor) -> executor.newSucceededFuture(List.of(address())));
        services.add(
                TargetFilter.class,
                target -> target.addresses().isEmpty() ? Decision.ALLOW : Decision.deny("line 3"),
                Map.of("name", "default"));
        assertThat(check("example.org:443", null, null, false))
                .contains("  default, example.org: allowed\n", "  default, 192.0.2.1: denied: line 3\n");
    }

    @Test
    void asksTheFiltersOfAChannel() throws Exception {
        check("example.org:443", "plain", null, false);
        assertThat(asked).containsExactly("default");
        check("example.org:443", "text", null, false);
        assertThat(asked).containsExactly("default", "web");
        check("example.org:443", "array", null, false);
        assertThat(asked).containsExactly("web");
        check("example.org:443", "list", null, false);
        assertThat(asked).containsExactly("a", "b");
        assertThat(check("example.org:443", "open", null, false)).contains("no filter");
        assertThat(asked).isEmpty();
    }

    private String late(String... words) throws Exception {
        FilterCheckCommand command = new FilterCheckCommand();
        command.target = "example.org:443";
        command.late = List.of(words);
        return Run.command(command, services);
    }

    @Test
    void takesOptionsBehindTheTargetToo() throws Exception {
        late("--channel", "text");
        assertThat(asked).containsExactly("default", "web");
        assertThat(late("--filter", "a", "--json", "--filter", "b")).startsWith("{");
        assertThat(asked).containsExactly("a", "b");
        assertThatThrownBy(() -> late("--channel")).hasMessage("'--channel' needs a value");
        assertThatThrownBy(() -> late("example.net:1"))
                .hasMessage("'example.net:1' is not an option of this command; see --help");
    }

    @Test
    void saysWhatIsWrongWithTheInput() {
        assertThatThrownBy(() -> check("example.org", null, null, false))
                .hasMessage("'example.org' is not HOST:PORT; give for example example.org:443 or [2001:db8::1]:443");
        assertThatThrownBy(() -> check("example.org:0", null, null, false)).hasMessageContaining("must be 1 to 65535");
        assertThatThrownBy(() -> check("example.org:1", "plain", List.of("web"), false))
                .hasMessage("Give --channel or --filter, not both");
        assertThatThrownBy(() -> check("example.org:1", "nosuch", null, false))
                .hasMessage("No channel named nosuch is configured on this server; see httun:channel-list");
    }

    @Test
    void saysWhichPartIsMissing() {
        FilterCheckCommand command = new FilterCheckCommand();
        command.target = "example.org:443";
        assertThatThrownBy(() -> Run.command(command, new FakeServices()))
                .hasMessage("No admission service: the bundle io.httun.runtime is not active");
        command.channel = "home";
        assertThatThrownBy(() -> Run.command(command, new FakeServices()))
                .hasMessage("No ConfigurationAdmin service is available to look up channels");
    }
}
