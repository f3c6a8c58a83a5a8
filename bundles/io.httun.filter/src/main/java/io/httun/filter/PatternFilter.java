// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ordered rules on host and port. A target with a name is allowed by its name only, whatever it resolves to; its addresses
 * can still be denied.
 */
@Component(configurationPid = "io.httun.filter.pattern", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PatternFilterConfig.class, factory = true)
public final class PatternFilter implements TargetFilter, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(PatternFilter.class);

    private record Settings(String name, List<Rule> rules, List<LongAdder> hits, boolean allowRest) {}

    private final Tally tally = new Tally();
    private volatile Settings settings;

    @Activate
    public PatternFilter(Map<String, Object> properties) {
        settings = read(properties);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = read(properties);
        } catch (ConfigException e) {
            LOG.error("{}; filter {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    private static Settings read(Map<String, Object> properties) {
        return StrictConfig.read(PatternFilterConfig.class, properties, PatternFilter::settings);
    }

    private static Settings settings(PatternFilterConfig config) {
        List<Rule> rules = new ArrayList<>();
        for (String text : config.rules()) {
            try {
                rules.add(Rule.parse(text));
            } catch (IllegalArgumentException e) {
                throw new ConfigException("rules", text, e.getMessage());
            }
        }
        String rest = config.default$();
        if (!rest.equals("allow") && !rest.equals("deny")) {
            throw new ConfigException("default", rest, "must be allow or deny");
        }
        return new Settings(
                Names.check(config.name()),
                List.copyOf(rules),
                rules.stream().map(rule -> new LongAdder()).toList(),
                rest.equals("allow"));
    }

    @Override
    public Decision decide(Target target) {
        Settings now = settings;
        int rule = deciding(now, target);
        if (rule >= 0) {
            now.hits().get(rule).increment();
        }
        return tally.count(allows(now, rule) ? Decision.ALLOW : deny(now, target, why(now, rule)));
    }

    @Override
    public String explain(Target target, RequestContext context) {
        Settings now = settings;
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

    /** Place of the first rule that matches; -1 for none. */
    private static int deciding(Settings now, Target target) {
        List<String> forms = target.addresses().stream()
                .flatMap(address -> Addresses.forms(address).stream())
                .map(NetUtil::toAddressString)
                .toList();
        for (int i = 0; i < now.rules().size(); i++) {
            Rule rule = now.rules().get(i);
            if (rule.hasPort(target.port()) && matches(rule, target, forms)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean matches(Rule rule, Target target, List<String> forms) {
        if (target.isLiteral()) {
            return !forms.isEmpty() && rule.matchesAddress(forms);
        }
        return rule.matchesName(target.host()) || !rule.allow() && !forms.isEmpty() && rule.matchesAddress(forms);
    }

    private static Decision deny(Settings now, Target target, String why) {
        return Decision.deny("filter " + now.name() + ": " + target + ": " + why);
    }

    /** Names are judged as they are; only denied addresses need to be known, and those only where a rule names some. */
    @Override
    public boolean needsAddresses() {
        return settings.rules().stream().anyMatch(Rule::deniesAddresses);
    }

    @Override
    public List<FilterStatus> filters() {
        Settings now = settings;
        return List.of(tally.status(now.name(), "pattern", now.rules().size()));
    }

    @Override
    public List<RuleStatus> rules() {
        Settings now = settings;
        return IntStream.range(0, now.rules().size())
                .mapToObj(i -> new RuleStatus(
                        now.name(),
                        "rules[" + i + "]",
                        now.rules().get(i).text(),
                        now.hits().get(i).sum()))
                .toList();
    }
}
