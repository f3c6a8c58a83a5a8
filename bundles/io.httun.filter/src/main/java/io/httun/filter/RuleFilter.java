// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.httun.filter.RuleSet.RulesException;
import io.httun.filter.TargetRule.Tls;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of a file. While it cannot be read for the first time everything is denied; later, an error in it leaves the rules as they were.
 */
@Component(
        immediate = true,
        configurationPid = "io.httun.filter.rules",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = RuleFilterConfig.class, factory = true)
public final class RuleFilter implements TargetFilter, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(RuleFilter.class);
    private static final int STOP_SECONDS = 2;
    private static final int DAY = 86_400;
    /** The reason of a denial is logged, and who asked is nobody's business. */
    private static final Pattern PEOPLE = Pattern.compile("(user|source)=[^\\s']+");

    record Settings(String name, Path file, int reloadSeconds, Optional<ZoneId> zone, boolean allowRest) {}

    private final Tally tally = new Tally();
    private final Clock clock;
    private final ScheduledExecutorService watcher =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("httun-rules", true));
    private volatile Settings settings;
    /** Null while there was none without an error. */
    private volatile RuleSet rules;

    private volatile String error = "";
    private Map<Path, String> seen = Map.of();
    private long lastLook;

    @Activate
    public RuleFilter(Map<String, Object> properties) {
        this(properties, Clock.systemUTC());
        watcher.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    RuleFilter(Map<String, Object> properties, Clock clock) {
        this.clock = clock;
        this.settings = read(properties);
        reload();
    }

    private static Settings read(Map<String, Object> properties) {
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
                    Names.check(config.name()),
                    Path.of(config.file()),
                    StrictConfig.range("reload.seconds", config.reload_seconds(), 1, DAY),
                    config.time_zone().isEmpty() ? Optional.empty() : Optional.of(ZoneId.of(config.time_zone())),
                    rest.equals("allow"));
        } catch (DateTimeException e) {
            throw new ConfigException(
                    "time.zone", config.time_zone(), "must be a time zone such as Europe/Berlin or UTC");
        }
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            Settings wanted = read(properties);
            if (!wanted.equals(settings)) {
                settings = wanted;
                reload();
            }
        } catch (ConfigException e) {
            LOG.error("{}; filter {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    @Deactivate
    public void stop() throws InterruptedException {
        watcher.shutdownNow();
        if (!watcher.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("Filter {} still reads its files", settings.name());
        }
    }

    private void look() {
        long now = System.nanoTime();
        if (now - lastLook >= TimeUnit.SECONDS.toNanos(settings.reloadSeconds())) {
            lastLook = now;
            refresh();
        }
    }

    /** Reads the files again if they have changed. */
    synchronized void refresh() {
        if (RuleSet.isStale(seen)) {
            reload();
        }
    }

    private synchronized void reload() {
        String name = settings.name();
        try {
            RuleSet read = RuleSet.load(settings.file());
            seen = read.stamps();
            rules = read;
            error = "";
            LOG.info("Filter {}: {} rules from {}", name, read.rules().size(), settings.file());
        } catch (RulesException e) {
            seen = e.stamps();
            error = e.getMessage();
            LOG.error(
                    "Filter {}: {}; {}",
                    name,
                    e.getMessage(),
                    rules == null ? "it denies everything until that is mended" : "it keeps its old rules");
        }
    }

    private LocalDateTime now(Settings current) {
        return LocalDateTime.ofInstant(clock.instant(), current.zone().orElseGet(ZoneId::systemDefault));
    }

    private Subject subject(Target target, RequestContext context) {
        return Subject.of(target, context, () -> now(settings));
    }

    @Override
    public Decision decide(Target target) {
        return decide(target, RequestContext.NOBODY);
    }

    @Override
    public Decision decide(Target target, RequestContext context) {
        RuleSet current = rules;
        if (current == null) {
            return tally.count(deny(target, error));
        }
        Optional<TargetRule> rule = current.deciding(subject(target, context));
        rule.ifPresent(deciding -> deciding.hits().increment());
        boolean allow = rule.map(TargetRule::allow).orElse(settings.allowRest());
        return tally.count(allow ? Decision.ALLOW : deny(target, why(rule)));
    }

    private Decision deny(Target target, String why) {
        return Decision.deny("filter " + settings.name() + ": " + target + ": "
                + PEOPLE.matcher(why).replaceAll("$1=..."));
    }

    private static String why(Optional<TargetRule> rule) {
        return rule.map(deciding -> "line " + deciding.line() + " '" + deciding.text() + "'")
                .orElse("no rule matches, which is what default is for");
    }

    @Override
    public String explain(Target target, RequestContext context) {
        RuleSet current = rules;
        if (current == null) {
            return "denied: " + error;
        }
        Optional<TargetRule> rule = current.deciding(subject(target, context));
        boolean allow = rule.map(TargetRule::allow).orElse(settings.allowRest());
        return (allow ? "allowed: " : "denied: ") + why(rule);
    }

    /** Where any of the rules that allowed the name and its addresses asks for it. */
    @Override
    public Optional<ChannelHandler> guard(Target target, RequestContext context) {
        RuleSet current = rules;
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
                .map(tls -> new TlsGuard(settings.name(), tls == Tls.NAME ? target.host() : ""));
    }

    @Override
    public boolean needsAddresses() {
        RuleSet current = rules;
        return current == null
                || current.rules().stream().anyMatch(rule -> rule.target().needsAddresses());
    }

    @Override
    public List<FilterStatus> filters() {
        RuleSet current = rules;
        return List.of(tally.status(
                settings.name(), "rules", current == null ? 0 : current.rules().size()));
    }

    @Override
    public List<RuleStatus> rules() {
        RuleSet current = rules;
        return current == null
                ? List.of()
                : current.rules().stream()
                        .map(rule -> new RuleStatus(
                                settings.name(),
                                settings.file() + ":" + rule.line(),
                                rule.text(),
                                rule.hits().sum()))
                        .toList();
    }
}
