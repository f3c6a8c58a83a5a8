// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.target.TargetFilter;
import io.httun.api.tun.PacketFilter;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Services;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/** Missing filters that are configured or used by default: everything is refused meanwhile. */
record FilterProblems(Services services) implements HealthSource {
    private static final String NONE = "none";
    private static final Map<String, Class<?>> KINDS =
            Map.of("filters", TargetFilter.class, "tun.filters", PacketFilter.class);

    @Override
    public List<Problem> problems() {
        return services.first(ConfigurationAdmin.class).stream()
                .flatMap(ConfigurationProblems::configurations)
                .flatMap(configuration -> KINDS.keySet().stream().flatMap(kind -> problems(configuration, kind)))
                .toList();
    }

    private Stream<Problem> problems(Configuration configuration, String property) {
        String pid = Optional.ofNullable(configuration.getFactoryPid()).orElse(configuration.getPid());
        Map<String, Object> properties = ConfigurationProblems.properties(configuration);
        List<String> present = services.names(KINDS.get(property));
        return KnownPid.of(pid).stream()
                .flatMap(known -> values(known, property, properties))
                .filter(name -> !name.equals(NONE) && !present.contains(name))
                .map(name -> new Problem(
                        StrictConfig.source(properties),
                        property + ": there is no filter " + name + ", so everything is refused",
                        "bundle:start io.httun.filter, configure a filter of that name, or use one of "
                                + (present.isEmpty() ? NONE : String.join(", ", present))));
    }

    private Stream<String> values(KnownPid known, String property, Map<String, Object> properties) {
        Object value = properties.get(property);
        return value == null ? defaults(known, property) : elements(value);
    }

    private static Stream<String> elements(Object value) {
        Stream<?> all = value instanceof Object[] array
                ? Stream.of(array)
                : value instanceof Collection<?> collection ? collection.stream() : Stream.of(value);
        return all.flatMap(each -> Stream.of(each.toString().split(",")))
                .map(String::strip)
                .filter(each -> !each.isEmpty());
    }

    /** Metatype has the same defaults as the component: both are generated from one annotation type. */
    private Stream<String> defaults(KnownPid known, String property) {
        return services.first(MetaTypeService.class).stream()
                .flatMap(metatype -> Stream.of(services.bundles(known.bundle()))
                        .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
                        .map(metatype::getMetaTypeInformation))
                .filter(information -> Stream.of(information.getFactoryPids(), information.getPids())
                        .flatMap(Stream::of)
                        .anyMatch(known.pid()::equals))
                .map(information -> information.getObjectClassDefinition(known.pid(), null))
                .flatMap(type -> Stream.of(type.getAttributeDefinitions(ObjectClassDefinition.ALL)))
                .filter(attribute -> attribute.getID().equals(property))
                .map(AttributeDefinition::getDefaultValue)
                .filter(Objects::nonNull)
                .flatMap(FilterProblems::elements);
    }
}
