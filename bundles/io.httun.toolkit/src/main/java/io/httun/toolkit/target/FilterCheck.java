// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import io.httun.api.HttunException;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.status.Services;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Whether filters allow a target, as for a new connection: the name first, then each of its addresses.
 *
 * @param target as {@code HOST:PORT}
 * @param filters the names of the filters that were asked
 * @param allowed the decision
 * @param addresses those that a connection would try; empty where it is refused
 * @param reason of a refusal; else empty
 * @param rulings what each filter says to the name and to each address
 */
public record FilterCheck(
        String target,
        List<String> filters,
        boolean allowed,
        List<String> addresses,
        String reason,
        List<String> rulings) {
    private static final int PATIENCE_SECONDS = 15;

    /**
     * Asks. Blocks, for as long as names are resolved, 15 s at most.
     *
     * @param target {@code HOST:PORT}, an IPv6 address in brackets
     * @param filters names of filters; empty for none
     * @param user the user of the connection; empty for none
     * @throws HttunException if there is no answer: the target cannot be parsed, a part is missing, time is up
     */
    public static FilterCheck of(Services services, String target, List<String> filters, String user)
            throws InterruptedException {
        Target parsed = parse(target);
        RequestContext context = new RequestContext(user, Optional.empty());
        TargetAdmission admission = services.first(TargetAdmission.class)
                .orElseThrow(
                        () -> new HttunException("No admission service: the bundle io.httun.runtime is not active"));
        EventLoops loops = services.first(EventLoops.class)
                .orElseThrow(() -> new HttunException("No event loop: the bundle io.httun.runtime is not active"));
        Future<Target> admitted =
                admission.admit(parsed, filters, true, context, loops.group().next());
        if (!admitted.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            admitted.cancel(true);
            throw new HttunException("No answer within " + PATIENCE_SECONDS + " s");
        }
        List<String> rulings = rulings(services, loops, parsed, filters, context);
        if (admitted.isSuccess()) {
            List<String> addresses = admitted.getNow().addresses().stream()
                    .map(NetUtil::toAddressString)
                    .toList();
            return new FilterCheck(parsed.toString(), filters, true, addresses, "", rulings);
        }
        if (admitted.cause() instanceof RefusedException refused) {
            return new FilterCheck(parsed.toString(), filters, false, List.of(), refused.getMessage(), rulings);
        }
        throw new HttunException("The check failed: " + admitted.cause(), admitted.cause());
    }

    private static Target parse(String target) {
        try {
            return Target.parse(target);
        } catch (IllegalArgumentException e) {
            throw new HttunException(e.getMessage() + "; give for example example.org:443 or [2001:db8::1]:443", e);
        }
    }

    private static List<String> rulings(
            Services services, EventLoops loops, Target parsed, List<String> filters, RequestContext context)
            throws InterruptedException {
        List<String> rulings = new ArrayList<>();
        for (Target one : forms(services, loops, parsed)) {
            String what = one.addresses().isEmpty() || parsed.isLiteral()
                    ? one.host()
                    : NetUtil.toAddressString(one.addresses().get(0));
            for (String name : filters) {
                services.named(TargetFilter.class, name)
                        .ifPresent(filter -> rulings.add(name + ", " + what + ": " + filter.explain(one, context)));
            }
        }
        return rulings;
    }

    /** The name, and each of its addresses. */
    private static List<Target> forms(Services services, EventLoops loops, Target parsed) throws InterruptedException {
        List<Target> forms = new ArrayList<>(List.of(parsed));
        Optional<NameResolver> resolver = services.first(NameResolver.class);
        if (!parsed.isLiteral() && resolver.isPresent()) {
            Future<List<InetAddress>> resolved =
                    resolver.get().resolve(parsed.host(), loops.group().next());
            if (resolved.await(PATIENCE_SECONDS, TimeUnit.SECONDS) && resolved.isSuccess()) {
                resolved.getNow().forEach(address -> forms.add(parsed.withAddresses(List.of(address))));
            }
        }
        return forms;
    }
}
