// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.RuleStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.httun.filter.TargetRule.Tls;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.config.WatchedFiles;
import io.httun.toolkit.net.EmbeddedIpv4;
import io.netty.channel.ChannelHandler;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of a file. Denies everything until the file has been read once; an error in a later version of the file
 * keeps the previous rules.
 */
@Component(
        immediate = true,
        configurationPid = "io.httun.filter.rules",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RuleFilterConfig.class, factory = true)
public final class RuleFilter implements TargetFilter, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(RuleFilter.class);
    private static final int DAY = 86_400;
    /** Denial reasons are logged; they must not contain user or source. */
    private static final Pattern PEOPLE = Pattern.compile("(user|source)=[^\\s']+");

    record Settings(
            String name,
            Path file,
            int reloadSeconds,
            Optional<ZoneId> zone,
            boolean allowRest,
            EmbeddedIpv4 embedded) {}

    private final DecisionCounter tally = new DecisionCounter();
    private final Clock clock;
    private final LiveSettings<Settings> settings;
    private volatile WatchedFiles<RuleSet> rules;

    @Activate
    public RuleFilter(Map<String, Object> properties) {
        this(properties, Clock.systemUTC());
    }

    RuleFilter(Map<String, Object> properties, Clock clock) {
        this.clock = clock;
        this.settings = new LiveSettings<>(now -> "filter " + now.name(), RuleFilter::read, properties);
        watch(settings.get());
        settings.start(this::watch);
    }

    private void watch(Settings now) {
        WatchedFiles<RuleSet> old = rules;
        WatchedFiles<RuleSet> next = new WatchedFiles<>(() -> "filter " + now.name(), () -> RuleSet.load(now.file()));
        if (old == null || old.content() == null) {
            next.tryLoad();
        } else {
            // An error in a changed file refuses the change; the file is watched until it is fixed.
            WatchedFiles.note(now.file());
            next.load();
        }
        if (old != null) {
            old.close();
        }
        rules = next;
        next.start(Duration.ofSeconds(now.reloadSeconds()), read -> told(now, read));
        if (next.content() != null) {
            told(now, next.content());
        }
    }

    private static void told(Settings now, RuleSet read) {
        LOG.info("Filter {}: {} rules from {}", now.name(), read.rules().size(), now.file());
    }

    private static Settings read(Map<String, ?> properties) {
        return StrictConfig.read(RuleFilterConfig.class, properties, RuleFilter::settings);
    }

    private static Settings settings(RuleFilterConfig config) {
        String rest = config.default$();
        if (!rest.equals("allow") && !rest.equals("deny")) {
            throw new ConfigException("default", rest, "must be allow or deny");
        }
        if (config.file().isEmpty()) {
            throw new ConfigException("file", "", "must be the path of a file with rules");
        }
        try {
            return new Settings(
                    FilterNames.check(config.name()),
                    Path.of(config.file()),
                    StrictConfig.range("reload.seconds", config.reload_seconds(), 1, DAY),
                    config.time_zone().isEmpty() ? Optional.empty() : Optional.of(ZoneId.of(config.time_zone())),
                    rest.equals("allow"),
                    EmbeddedIpv4.withNat64("nat64.prefixes", List.of(config.nat64_prefixes())));
        } catch (DateTimeException e) {
            throw new ConfigException(
                    "time.zone", config.time_zone(), "must be a time zone such as Europe/Berlin or UTC");
        }
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    public void stop() {
        settings.close();
        rules.close();
    }

    /** Reads the files again if they have changed. */
    void refresh() {
        rules.refresh();
    }

    private LocalDateTime now(Settings current) {
        return LocalDateTime.ofInstant(clock.instant(), current.zone().orElseGet(ZoneId::systemDefault));
    }

    private RuleSubject subject(Target target, RequestContext context) {
        return RuleSubject.of(target, settings.get().embedded(), context, () -> now(settings.get()));
    }

    @Override
    public Decision decide(Target target) {
        return decide(target, RequestContext.NOBODY);
    }

    @Override
    public Decision decide(Target target, RequestContext context) {
        RuleSet current = rules.content();
        if (current == null) {
            return tally.count(deny(target, rules.problem()));
        }
        Optional<TargetRule> rule = current.deciding(subject(target, context));
        rule.ifPresent(deciding -> deciding.hits().increment());
        boolean allow = rule.map(TargetRule::allow).orElse(settings.get().allowRest());
        return tally.count(allow ? Decision.ALLOW : deny(target, why(rule)));
    }

    private Decision deny(Target target, String why) {
        return Decision.deny("filter " + settings.get().name() + ": " + target + ": "
                + PEOPLE.matcher(why).replaceAll("$1=..."));
    }

    private static String why(Optional<TargetRule> rule) {
        return rule.map(deciding -> "line " + deciding.line() + " '" + deciding.text() + "'")
                .orElse("no rule matches, the default applies");
    }

    @Override
    public String explain(Target target, RequestContext context) {
        RuleSet current = rules.content();
        if (current == null) {
            return "denied: " + rules.problem();
        }
        Optional<TargetRule> rule = current.deciding(subject(target, context));
        boolean allow = rule.map(TargetRule::allow).orElse(settings.get().allowRest());
        return (allow ? "allowed: " : "denied: ") + why(rule);
    }

    /** Active if any allow rule that matched the name or its addresses requires TLS. */
    @Override
    public Optional<ChannelHandler> guard(Target target, RequestContext context) {
        RuleSet current = rules.content();
        if (current == null) {
            return Optional.empty();
        }
        List<Target> asked = new ArrayList<>();
        if (!target.isLiteral()) {
            asked.add(target.withAddresses(List.of()));
        }
        for (InetAddress address : target.addresses()) {
            asked.add(target.withAddresses(List.of(address)));
        }
        return asked.stream()
                .map(one -> current.deciding(subject(one, context)))
                .flatMap(Optional::stream)
                .map(TargetRule::tls)
                .max(Tls::compareTo)
                .filter(tls -> tls != Tls.NO)
                .map(tls -> new TlsGuard(settings.get().name(), tls == Tls.NAME ? target.host() : ""));
    }

    @Override
    public boolean needsAddresses() {
        RuleSet current = rules.content();
        return current == null
                || current.rules().stream().anyMatch(rule -> rule.target().needsAddresses());
    }

    @Override
    public List<FilterStatus> filters() {
        RuleSet current = rules.content();
        return List.of(tally.status(
                settings.get().name(),
                "rules",
                current == null ? 0 : current.rules().size()));
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), rules.problems().stream())
                .toList();
    }

    @Override
    public List<RuleStatus> rules() {
        RuleSet current = rules.content();
        return current == null
                ? List.of()
                : current.rules().stream()
                        .map(rule -> new RuleStatus(
                                settings.get().name(),
                                settings.get().file() + ":" + rule.line(),
                                rule.text(),
                                rule.hits().sum()))
                        .toList();
    }
}
