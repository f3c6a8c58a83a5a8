// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.target.Admitted;
import io.httun.api.target.Decision;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Resolution;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetFilter;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admission of targets. Filters are looked up at every step: a new filter applies from its first call, and a missing
 * filter denies.
 */
@Component(immediate = true)
public final class AdmissionGate implements TargetAdmission {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionGate.class);
    private static final String NO_FILTER = "none";

    private final FilterRegistry<TargetFilter> registry = new FilterRegistry<>();
    private final NameResolver resolver;

    @Activate
    public AdmissionGate(@Reference NameResolver resolver) {
        this.resolver = resolver;
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    public void addFilter(TargetFilter filter, Map<String, ?> properties) {
        registry.add(filter, properties);
    }

    void removeFilter(TargetFilter filter) {
        registry.remove(filter);
    }

    void updatedFilter(TargetFilter filter, Map<String, ?> properties) {
        registry.remove(filter);
        registry.add(filter, properties);
    }

    @Override
    public Future<Target> admit(Target target, List<String> filters, boolean resolve, EventExecutor executor) {
        return admit(target, filters, resolve, RequestContext.NOBODY, executor);
    }

    @Override
    public Future<Target> admit(
            Target target, List<String> filters, boolean resolve, RequestContext context, EventExecutor executor) {
        Promise<Target> result = executor.newPromise();
        admitEarly(target, filters, resolve, context, executor).addListener((FutureListener<Admitted>) early -> {
            if (early.isSuccess()) {
                early.getNow()
                        .rest()
                        .addListener(all -> result.trySuccess(early.getNow().known()));
            } else {
                result.tryFailure(early.cause());
            }
        });
        return result;
    }

    @Override
    public Future<Admitted> admitEarly(
            Target target, List<String> filters, boolean resolve, RequestContext context, EventExecutor executor) {
        try {
            if (target.isLiteral()) {
                return complete(checkAddresses(literal(target), filters, context), executor);
            }
            return admitName(target, filters, resolve, context, executor);
        } catch (RefusedException e) {
            return executor.newFailedFuture(e);
        }
    }

    private static Future<Admitted> complete(Target target, EventExecutor executor) {
        return executor.newSucceededFuture(Admitted.complete(target, executor));
    }

    @Override
    public List<ChannelHandler> guards(Target admitted, List<String> filters, RequestContext context) {
        return find(filters).stream()
                .map(filter -> filter.guard(admitted, context))
                .flatMap(Optional::stream)
                .toList();
    }

    private Future<Admitted> admitName(
            Target target, List<String> filters, boolean resolve, RequestContext context, EventExecutor executor) {
        boolean needed = resolve;
        for (TargetFilter filter : find(filters)) {
            deny(ask(filter, target.withAddresses(List.of()), context)).ifPresent(AdmissionGate::refuse);
            needed |= filter.needsAddresses();
        }
        if (!target.addresses().isEmpty()) {
            return complete(checkAddresses(target, filters, context), executor);
        } else if (!needed) {
            return complete(target, executor);
        }
        Promise<Admitted> result = executor.newPromise();
        resolver.resolveEarly(target.host(), executor).addListener((FutureListener<Resolution>) answer -> {
            if (answer.isSuccess()) {
                admitAddresses(
                        answer.getNow(),
                        some -> checkAddresses(target.withAddresses(some), filters, context),
                        executor,
                        result);
            } else {
                result.tryFailure(answer.cause());
            }
        });
        return result;
    }

    /** @param check returns the target with its allowed addresses; throws if none is allowed */
    private static void admitAddresses(
            Resolution answer,
            Function<List<InetAddress>, Target> check,
            EventExecutor executor,
            Promise<Admitted> result) {
        try {
            Target target = check.apply(answer.first());
            Promise<List<InetAddress>> rest = executor.newPromise();
            answer.rest().addListener((FutureListener<List<InetAddress>>)
                    late -> rest.setSuccess(allowed(late.getNow(), check)));
            result.trySuccess(new Admitted(target, rest));
        } catch (RefusedException denied) {
            answer.rest().addListener((FutureListener<List<InetAddress>>) late -> {
                if (allowed(late.getNow(), check).isEmpty()) {
                    result.tryFailure(denied);
                } else {
                    result.trySuccess(Admitted.complete(check.apply(late.getNow()), executor));
                }
            });
        }
    }

    private static List<InetAddress> allowed(List<InetAddress> late, Function<List<InetAddress>, Target> check) {
        try {
            return late.isEmpty() ? late : check.apply(late).addresses();
        } catch (RefusedException e) {
            return List.of();
        }
    }

    private Target checkAddresses(Target target, List<String> filters, RequestContext context) {
        List<TargetFilter> asked = find(filters);
        List<InetAddress> allowed = new ArrayList<>();
        Optional<String> firstReason = Optional.empty();
        for (InetAddress address : target.addresses()) {
            Target one = target.withAddresses(List.of(address));
            Optional<String> reason = asked.stream()
                    .map(filter -> deny(ask(filter, one, context)))
                    .flatMap(Optional::stream)
                    .findFirst();
            if (reason.isEmpty()) {
                allowed.add(address);
            } else if (firstReason.isEmpty()) {
                firstReason = reason;
            }
        }
        if (allowed.isEmpty()) {
            throw refusal(firstReason.orElse("no address to connect to"));
        }
        return target.withAddresses(allowed);
    }

    private List<TargetFilter> find(List<String> names) {
        return names.stream()
                .filter(name -> !name.equals(NO_FILTER))
                .map(name -> registry.find(name).orElseThrow(() -> refusal("filter " + name + " is not available")))
                .toList();
    }

    /** An exception in a filter denies, like a missing filter. */
    private static Decision ask(TargetFilter filter, Target target, RequestContext context) {
        try {
            return filter.decide(target, context);
        } catch (RuntimeException e) {
            LOG.error("A filter failed and denies", e);
            return Decision.deny("a filter failed: " + e.getClass().getSimpleName());
        }
    }

    private static Optional<String> deny(Decision decision) {
        return decision instanceof Decision.Deny deny ? Optional.of(deny.reason()) : Optional.empty();
    }

    private static Target literal(Target target) {
        return target.addresses().isEmpty() ? Target.of(target.host(), target.port()) : target;
    }

    private static void refuse(String reason) {
        throw refusal(reason);
    }

    private static RefusedException refusal(String reason) {
        return new RefusedException(Cause.DENIED, reason);
    }
}
