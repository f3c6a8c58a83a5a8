// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.Json;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.EventLoops;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "filter-check",
        description = "Tells whether filters allow a target, and why not",
        detailedDescription = "Asks just as a new connection would: the name first, then every address it resolves to."
                + " Without --channel and --filter it asks the filter named default, as a channel does for which no"
                + " filter is configured.")
public final class FilterCheckCommand extends ArgumentCommand {
    private static final int PATIENCE_SECONDS = 15;

    @Argument(name = "TARGET", description = "HOST:PORT, an IPv6 address in brackets", required = true)
    String target;

    @Option(name = "--channel", description = "Ask the filters that this server channel is configured with")
    @Completion(Completers.ServerChannels.class)
    String channel;

    @Option(name = "--filter", description = "Ask this filter; may be given several times", multiValued = true)
    @Completion(Completers.Filters.class)
    List<String> filters;

    @Option(name = "--user", description = "Ask as for a connection of this user")
    String user;

    @Option(name = "--json", description = "Print JSON")
    boolean json;

    /** The answer. */
    record Check(
            String target,
            List<String> filters,
            boolean allowed,
            List<String> addresses,
            String reason,
            List<String> rulings) {}

    @Override
    void runWithOptions() throws CommandException, InterruptedException {
        Target parsed = parse();
        List<String> asked = asked();
        RequestContext context = new RequestContext(user == null ? "" : user, Optional.empty());
        Check check = check(parsed, asked, context);
        if (json) {
            out.println(Json.write(check));
            return;
        }
        String by = asked.isEmpty() ? "no filter asked" : "filters: " + String.join(", ", asked);
        if (check.allowed()) {
            out.println(parsed + " is allowed (" + by + ")");
            check.addresses().forEach(address -> out.println("  " + address));
        } else {
            out.println(parsed + " is refused (" + by + "): " + check.reason());
        }
        check.rulings().forEach(ruling -> out.println("  " + ruling));
    }

    /** What each filter says to the name and to every address that it stands for. */
    private List<String> rulings(Target parsed, List<String> asked, RequestContext context)
            throws InterruptedException {
        List<String> rulings = new ArrayList<>();
        for (Target one : forms(parsed)) {
            String what = one.addresses().isEmpty() || parsed.isLiteral()
                    ? one.host()
                    : NetUtil.toAddressString(one.addresses().get(0));
            for (String name : asked) {
                services()
                        .named(TargetFilter.class, name)
                        .ifPresent(filter -> rulings.add(name + ", " + what + ": " + filter.explain(one, context)));
            }
        }
        return rulings;
    }

    private List<Target> forms(Target parsed) throws InterruptedException {
        List<Target> forms = new ArrayList<>(List.of(parsed));
        Optional<NameResolver> resolver = services().first(NameResolver.class);
        Optional<EventLoops> loops = services().first(EventLoops.class);
        if (!parsed.isLiteral() && resolver.isPresent() && loops.isPresent()) {
            Future<List<InetAddress>> resolved =
                    resolver.get().resolve(parsed.host(), loops.get().group().next());
            if (resolved.await(PATIENCE_SECONDS, TimeUnit.SECONDS) && resolved.isSuccess()) {
                resolved.getNow().forEach(address -> forms.add(parsed.withAddresses(List.of(address))));
            }
        }
        return forms;
    }

    private Target parse() throws CommandException {
        try {
            return Target.parse(target);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + "; give for example example.org:443 or [2001:db8::1]:443", e);
        }
    }

    private List<String> asked() throws CommandException {
        boolean named = filters != null && !filters.isEmpty();
        if (named && channel != null) {
            throw new CommandException("Give --channel or --filter, not both");
        }
        if (channel != null) {
            return ChannelFilters.of(services(), channel);
        }
        return named ? List.copyOf(filters) : ChannelFilters.UNCONFIGURED;
    }

    private Check check(Target parsed, List<String> asked, RequestContext context)
            throws CommandException, InterruptedException {
        TargetAdmission admission = services()
                .first(TargetAdmission.class)
                .orElseThrow(() ->
                        new CommandException("Nothing admits targets here: the bundle io.httun.runtime is not active"));
        EventLoops loops = services()
                .first(EventLoops.class)
                .orElseThrow(() ->
                        new CommandException("There is no event loop: the bundle io.httun.runtime is not active"));
        Future<Target> admitted =
                admission.admit(parsed, asked, true, context, loops.group().next());
        if (!admitted.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            admitted.cancel(true);
            throw new CommandException("No answer within " + PATIENCE_SECONDS + " s");
        }
        if (admitted.isSuccess()) {
            List<String> addresses = admitted.getNow().addresses().stream()
                    .map(NetUtil::toAddressString)
                    .toList();
            return new Check(parsed.toString(), asked, true, addresses, "", rulings(parsed, asked, context));
        }
        if (admitted.cause() instanceof RefusedException refused) {
            return new Check(
                    parsed.toString(), asked, false, List.of(), refused.getMessage(), rulings(parsed, asked, context));
        }
        throw new CommandException("The check failed: " + admitted.cause(), admitted.cause());
    }
}
