// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Admitted;
import io.httun.api.target.Decision;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Resolution;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class AdmissionGateTest {
    private final List<String> asked = new ArrayList<>();
    private final AdmissionGate gate = new AdmissionGate(new NameResolver() {
        @Override
        public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
            asked.add("resolve " + host);
            return host.equals("unknown.test")
                    ? executor.newFailedFuture(new RefusedException(Cause.UNRESOLVED, "no such name"))
                    : executor.newSucceededFuture(addresses("10.0.0.1", "192.0.2.1", "::1"));
        }
    });

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream()
                .map(literal -> Target.of(literal, 1).addresses().get(0))
                .toList();
    }

    private TargetFilter filter(String name, int ranking, boolean needsAddresses, Predicate<Target> denied) {
        TargetFilter filter = new TargetFilter() {
            @Override
            public Decision decide(Target target) {
                asked.add(name + " " + target + " " + target.addresses().size());
                return denied.test(target) ? Decision.deny(name + " said no") : Decision.ALLOW;
            }

            @Override
            public boolean needsAddresses() {
                return needsAddresses;
            }
        };
        gate.addFilter(filter, Map.of("name", name, "service.ranking", ranking, "service.id", (long) ranking + 10));
        return filter;
    }

    private Target admit(String target, boolean resolve, String... filters) {
        return gate.admit(Target.parse(target), List.of(filters), resolve, ImmediateEventExecutor.INSTANCE)
                .getNow();
    }

    private String refusal(String target, boolean resolve, String... filters) {
        RefusedException refusal = (RefusedException)
                gate.admit(Target.parse(target), List.of(filters), resolve, ImmediateEventExecutor.INSTANCE)
                        .cause();
        return refusal.refusal() + " " + refusal.getMessage();
    }

    private static Predicate<Target> hasAddress(String literal) {
        return target -> target.addresses().equals(addresses(literal));
    }

    @Test
    void tellsFiltersWhoAsksAndCollectsWhatWatchesTheFirstBytes() {
        ChannelHandler guard = new ChannelOutboundHandlerAdapter();
        gate.addFilter(
                new TargetFilter() {
                    @Override
                    public Decision decide(Target target) {
                        return Decision.deny("nobody");
                    }

                    @Override
                    public Decision decide(Target target, RequestContext context) {
                        return context.user().equals("ann") ? Decision.ALLOW : decide(target);
                    }

                    @Override
                    public Optional<ChannelHandler> guard(Target target, RequestContext context) {
                        return Optional.of(guard);
                    }
                },
                Map.of("name", "users"));
        RequestContext ann = new RequestContext("ann", Optional.empty());
        Target target = Target.parse("10.0.0.1:80");
        List<String> filters = List.of("users");
        assertThat(gate.admit(target, filters, true, ann, ImmediateEventExecutor.INSTANCE)
                        .isSuccess())
                .isTrue();
        assertThat(gate.admit(target, filters, true, ImmediateEventExecutor.INSTANCE)
                        .isSuccess())
                .isFalse();
        assertThat(gate.guards(target, filters, ann)).containsExactly(guard);
        assertThatThrownBy(() -> gate.guards(target, List.of("users", "gone"), ann))
                .hasMessage("filter gone is not available");
    }

    @Test
    void asksForTheNameFirstThenForEachAddress() {
        filter("f", 0, true, hasAddress("10.0.0.1"));
        assertThat(admit("a.test:80", true, "f").addresses()).isEqualTo(addresses("192.0.2.1", "::1"));
        assertThat(asked)
                .containsExactly("f a.test:80 0", "resolve a.test", "f a.test:80 1", "f a.test:80 1", "f a.test:80 1");
    }

    @Test
    void doesNotResolveANameThatIsDenied() {
        filter("f", 0, true, target -> target.host().equals("a.test"));
        assertThat(refusal("a.test:80", true, "f")).isEqualTo("DENIED f said no");
        assertThat(asked).containsExactly("f a.test:80 0");
    }

    @Test
    void asksForALiteralWithItsAddressOnly() {
        filter("f", 0, true, hasAddress("10.0.0.1"));
        assertThat(refusal("10.0.0.1:80", true, "f")).isEqualTo("DENIED f said no");
        assertThat(refusal("10.0.0.1:80", false, "f")).isEqualTo("DENIED f said no");
        assertThat(asked).containsExactly("f 10.0.0.1:80 1", "f 10.0.0.1:80 1");
    }

    @Test
    void leavesANameUnresolvedWhereNobodyNeedsItsAddresses() {
        filter("f", 0, false, target -> false);
        assertThat(admit("a.test:80", false, "f").addresses()).isEmpty();
        assertThat(admit("a.test:80", false).addresses()).isEmpty();
        assertThat(asked).containsExactly("f a.test:80 0");
    }

    @Test
    void resolvesForAFilterThatNeedsAddressesEvenIfTheConnectorDoesNot() {
        filter("f", 0, true, hasAddress("10.0.0.1").or(hasAddress("::1")));
        assertThat(admit("a.test:80", false, "f").addresses()).isEqualTo(addresses("192.0.2.1"));
    }

    @Test
    void saysTheFirstReasonWhenNoAddressIsLeft() {
        filter("f", 0, true, hasAddress("10.0.0.1"));
        filter("g", 0, true, target -> !target.addresses().isEmpty());
        assertThat(refusal("a.test:80", true, "f", "g")).isEqualTo("DENIED f said no");
    }

    @Test
    void refusesWhileAFilterIsMissingAndNotLonger() {
        assertThat(refusal("a.test:80", true, "f")).isEqualTo("DENIED filter f is not available");
        TargetFilter filter = filter("f", 0, true, target -> false);
        assertThat(admit("a.test:80", true, "f").addresses()).hasSize(3);
        gate.removeFilter(filter);
        assertThat(refusal("10.0.0.1:80", true, "f")).isEqualTo("DENIED filter f is not available");
    }

    @Test
    void takesTheFilterOfHighestRanking() {
        filter("f", 1, true, target -> false);
        TargetFilter strict = filter("f", 2, true, target -> true);
        assertThat(refusal("a.test:80", true, "f")).isEqualTo("DENIED f said no");
        gate.removeFilter(strict);
        assertThat(admit("a.test:80", true, "f").addresses()).hasSize(3);
    }

    @Test
    void noneMeansNoFilter() {
        assertThat(admit("a.test:80", true, "none").addresses()).hasSize(3);
    }

    @Test
    void aFilterThatBreaksDenies() {
        filter("f", 0, true, target -> {
            throw new IllegalStateException("broken");
        });
        assertThat(refusal("a.test:80", true, "f")).isEqualTo("DENIED a filter failed: IllegalStateException");
    }

    @Test
    void tellsThatANameHasNoAddress() {
        assertThat(refusal("unknown.test:80", true)).isEqualTo("UNRESOLVED no such name");
    }

    @Test
    void checksWhatComesLateLikeWhatComesFirst() {
        Promise<List<InetAddress>> late = ImmediateEventExecutor.INSTANCE.newPromise();
        AdmissionGate early = new AdmissionGate(new NameResolver() {
            @Override
            public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
                throw new AssertionError("unexpected look-up of all addresses");
            }

            @Override
            public Future<Resolution> resolveEarly(String host, EventExecutor executor) {
                return executor.newSucceededFuture(new Resolution(addresses("::1", "2001:db8::1"), late));
            }
        });
        early.addFilter(
                target -> target.addresses().stream().anyMatch(InetAddress::isLoopbackAddress)
                        ? Decision.deny("loopback")
                        : Decision.ALLOW,
                Map.of("name", "no-loopback"));
        early.addFilter(
                target -> target.addresses().isEmpty() || target.addresses().get(0) instanceof Inet4Address
                        ? Decision.ALLOW
                        : Decision.deny("only IPv4"),
                Map.of("name", "ipv4"));
        Future<Admitted> some = admitEarly(early, "no-loopback");
        Future<Admitted> none = admitEarly(early, "no-loopback", "ipv4");
        assertThat(some.getNow().target().addresses()).isEqualTo(addresses("2001:db8::1"));
        assertThat(none.isDone()).as("an allowed address may still arrive").isFalse();
        late.setSuccess(addresses("127.0.0.1", "192.0.2.1"));
        assertThat(some.getNow().rest().getNow()).isEqualTo(addresses("192.0.2.1"));
        assertThat(some.getNow().known().addresses()).isEqualTo(addresses("2001:db8::1", "192.0.2.1"));
        assertThat(none.getNow().known().addresses()).isEqualTo(addresses("192.0.2.1"));
    }

    @Test
    void refusesWhenNothingThatComesIsAllowed() {
        gate.addFilter(
                target -> target.addresses().isEmpty() ? Decision.ALLOW : Decision.deny("no"), Map.of("name", "no"));
        assertThat(admitEarly(gate, "no").cause()).hasMessage("no");
    }

    private static Future<Admitted> admitEarly(AdmissionGate gate, String... filters) {
        return gate.admitEarly(
                Target.parse("a.test:1"),
                List.of(filters),
                true,
                RequestContext.NOBODY,
                ImmediateEventExecutor.INSTANCE);
    }
}
