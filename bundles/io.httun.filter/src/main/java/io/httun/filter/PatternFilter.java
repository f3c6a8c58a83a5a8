// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.status.StatusSource;
import io.httun.api.target.Decision;
import io.httun.api.target.Target;
import io.httun.api.target.TargetFilter;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private record Settings(String name, List<Rule> rules, boolean allowRest) {}

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
        return new Settings(Names.check(config.name()), List.copyOf(rules), rest.equals("allow"));
    }

    @Override
    public Decision decide(Target target) {
        Settings now = settings;
        List<String> forms = target.addresses().stream()
                .flatMap(address -> Addresses.forms(address).stream())
                .map(NetUtil::toAddressString)
                .toList();
        for (Rule rule : now.rules()) {
            if (rule.hasPort(target.port()) && matches(rule, target, forms)) {
                return tally.count(rule.allow() ? Decision.ALLOW : deny(now, target, "rule '" + rule.text() + "'"));
            }
        }
        return tally.count(now.allowRest() ? Decision.ALLOW : deny(now, target, "no rule allows it"));
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
}
