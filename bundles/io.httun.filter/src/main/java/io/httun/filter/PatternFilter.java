// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.RuleStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.net.EmbeddedIpv4;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Ordered rules on host and port. The name of a target alone can allow it, whatever its addresses; the addresses can
 * still be denied.
 */
@Component(configurationPid = "io.httun.filter.pattern", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PatternFilterConfig.class, factory = true)
public final class PatternFilter implements TargetFilter, StatusSource {
    private record Settings(
            String name, List<PatternRule> rules, List<LongAdder> hits, boolean allowRest, EmbeddedIpv4 embedded) {}

    private final DecisionCounter tally = new DecisionCounter();
    private final LiveSettings<Settings> settings;

    @Activate
    public PatternFilter(Map<String, Object> properties) {
        settings = new LiveSettings<>(now -> "filter " + now.name(), PatternFilter::read, properties).start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    private static Settings read(Map<String, ?> properties) {
        return StrictConfig.read(PatternFilterConfig.class, properties, PatternFilter::settings);
    }

    private static Settings settings(PatternFilterConfig config) {
        List<PatternRule> rules = new ArrayList<>();
        for (String text : config.rules()) {
            try {
                rules.add(PatternRule.parse(text));
            } catch (IllegalArgumentException e) {
                throw new ConfigException("rules", text, e.getMessage());
            }
        }
        String rest = config.default$();
        if (!rest.equals("allow") && !rest.equals("deny")) {
            throw new ConfigException("default", rest, "must be allow or deny");
        }
        return new Settings(
                FilterNames.check(config.name()),
                List.copyOf(rules),
                rules.stream().map(rule -> new LongAdder()).toList(),
                rest.equals("allow"),
                EmbeddedIpv4.withNat64("nat64.prefixes", List.of(config.nat64_prefixes())));
    }

    @Override
    public Decision decide(Target target) {
        Settings now = settings.get();
        int rule = deciding(now, target);
        if (rule >= 0) {
            now.hits().get(rule).increment();
        }
        return tally.count(allows(now, rule) ? Decision.ALLOW : deny(now, target, why(now, rule)));
    }

    @Override
    public String explain(Target target, RequestContext context) {
        Settings now = settings.get();
        int rule = deciding(now, target);
        return (allows(now, rule) ? "allowed: " : "denied: ") + why(now, rule);
    }

    private static boolean allows(Settings now, int rule) {
        return rule < 0 ? now.allowRest() : now.rules().get(rule).allow();
    }

    private static String why(Settings now, int rule) {
        return rule < 0
                ? (now.allowRest() ? "no rule denies it" : "no rule allows it")
                : "rule '" + now.rules().get(rule).text() + "'";
    }

    /** Index of the first matching rule; -1 if none matches. */
    private static int deciding(Settings now, Target target) {
        List<String> forms = target.addresses().stream()
                .flatMap(address -> now.embedded().forms(address).stream())
                .map(NetUtil::toAddressString)
                .toList();
        for (int i = 0; i < now.rules().size(); i++) {
            PatternRule rule = now.rules().get(i);
            if (rule.hasPort(target.port()) && matches(rule, target, forms)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean matches(PatternRule rule, Target target, List<String> forms) {
        if (target.isLiteral()) {
            return !forms.isEmpty() && rule.matchesAddress(forms);
        }
        return rule.matchesName(target.host()) || !rule.allow() && !forms.isEmpty() && rule.matchesAddress(forms);
    }

    private static Decision deny(Settings now, Target target, String why) {
        return Decision.deny("filter " + now.name() + ": " + target + ": " + why);
    }

    /** Names are matched without a look-up; addresses are needed only if a deny rule matches addresses. */
    @Override
    public boolean needsAddresses() {
        return settings.get().rules().stream().anyMatch(PatternRule::deniesAddresses);
    }

    @Override
    public List<FilterStatus> filters() {
        Settings now = settings.get();
        return List.of(tally.status(now.name(), "pattern", now.rules().size()));
    }

    @Override
    public List<RuleStatus> rules() {
        Settings now = settings.get();
        return IntStream.range(0, now.rules().size())
                .mapToObj(i -> new RuleStatus(
                        now.name(),
                        "rules[" + i + "]",
                        now.rules().get(i).text(),
                        now.hits().get(i).sum()))
                .toList();
    }
}
