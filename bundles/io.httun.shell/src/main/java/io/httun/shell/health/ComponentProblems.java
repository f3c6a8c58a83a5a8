// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Services;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/**
 * Configured components that do not run, and running components without a service that their configuration refers to.
 */
final class ComponentProblems implements HealthSource {
    private static final String OURS = "io.httun.";
    private static final String CORRECT = "correct the configuration";

    private final Services services;

    ComponentProblems(Services services) {
        this.services = services;
    }

    @Override
    public List<Problem> problems() {
        return services.first(ServiceComponentRuntime.class).map(this::configured).stream()
                .flatMap(all -> all.stream().flatMap(each -> problems(each, all)))
                .toList();
    }

    private List<ComponentConfigurationDTO> configured(ServiceComponentRuntime runtime) {
        return runtime.getComponentDescriptionDTOs(services.bundles(OURS)).stream()
                .flatMap(description -> runtime.getComponentConfigurationDTOs(description).stream())
                .toList();
    }

    private static Stream<Problem> problems(ComponentConfigurationDTO each, List<ComponentConfigurationDTO> all) {
        return switch (each.state) {
            case ComponentConfigurationDTO.FAILED_ACTIVATION ->
                Stream.of(new Problem(part(each), "does not start: " + failure(each), CORRECT));
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
                Stream.of(each.unsatisfiedReferences).map(missing -> waiting(each, missing, all));
            case ComponentConfigurationDTO.ACTIVE ->
                Stream.of(each.satisfiedReferences)
                        .filter(reference -> isMissed(each.description, reference))
                        .map(reference -> absent(each, reference));
            default -> Stream.of();
        };
    }

    private static Problem waiting(
            ComponentConfigurationDTO each, UnsatisfiedReferenceDTO missing, List<ComponentConfigurationDTO> all) {
        String root = provider(each, missing, all)
                .map(provider -> " of " + part(provider) + ", which " + cause(provider, all, new HashSet<>()))
                .orElse("");
        return new Problem(
                part(each),
                "does not start: waits for " + missing.name + target(missing.target) + root,
                root.isEmpty() ? remedy(missing.name, missing.target) : CORRECT + " there");
    }

    /** The root cause in a chain of components of which each waits for the next. */
    private static String cause(
            ComponentConfigurationDTO each, List<ComponentConfigurationDTO> all, Set<ComponentConfigurationDTO> seen) {
        if (each.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
            return "does not start: " + failure(each);
        } else if (each.unsatisfiedReferences.length == 0 || !seen.add(each)) {
            return "does not start";
        }
        UnsatisfiedReferenceDTO missing = each.unsatisfiedReferences[0];
        return provider(each, missing, all)
                .map(next -> "waits for " + part(next) + ", which " + cause(next, all, seen))
                .orElse("waits for " + missing.name + target(missing.target));
    }

    private static Optional<ComponentConfigurationDTO> provider(
            ComponentConfigurationDTO each, UnsatisfiedReferenceDTO missing, List<ComponentConfigurationDTO> all) {
        return reference(each.description, missing.name).stream()
                .flatMap(reference -> all.stream()
                        .filter(other -> other != each && isDown(other) && provides(other, reference.interfaceName)))
                .findFirst();
    }

    private static boolean isDown(ComponentConfigurationDTO each) {
        return each.state == ComponentConfigurationDTO.FAILED_ACTIVATION
                || each.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE;
    }

    private static boolean provides(ComponentConfigurationDTO each, String type) {
        return each.description.serviceInterfaces != null
                && List.of(each.description.serviceInterfaces).contains(type);
    }

    private static Optional<ReferenceDTO> reference(ComponentDescriptionDTO description, String name) {
        return Stream.of(Optional.ofNullable(description.references).orElse(new ReferenceDTO[0]))
                .filter(reference -> reference.name.equals(name))
                .findFirst();
    }

    /** A missing optional service of ours that the component needs; a target (!(...)) means that none is wanted. */
    private static boolean isMissed(ComponentDescriptionDTO description, SatisfiedReferenceDTO satisfied) {
        return satisfied.boundServices.length == 0
                && !String.valueOf(satisfied.target).startsWith("(!(")
                && reference(description, satisfied.name)
                        .filter(reference ->
                                reference.cardinality.equals("0..1") && reference.interfaceName.startsWith(OURS))
                        .isPresent();
    }

    private static Problem absent(ComponentConfigurationDTO each, SatisfiedReferenceDTO reference) {
        return new Problem(
                part(each),
                "there is no " + reference.name + target(reference.target),
                remedy(reference.name, reference.target));
    }

    private static String target(String target) {
        return target == null || target.isEmpty() ? "" : " " + target;
    }

    private static String remedy(String reference, String target) {
        return target(target).isEmpty()
                ? "start the bundle that provides a " + reference + "; bundle:list shows what is not active"
                : "correct " + reference + ".target, or configure and start the " + reference + " that it names";
    }

    private static String part(ComponentConfigurationDTO each) {
        Map<String, Object> properties = each.properties == null ? Map.of() : each.properties;
        return properties.containsKey("service.pid") ? StrictConfig.source(properties) : each.description.name;
    }

    /** The root cause of a stack trace, without the names of exceptions. */
    private static String failure(ComponentConfigurationDTO each) {
        List<String> causes = new ArrayList<>(List.of(""));
        if (each.failure != null) {
            each.failure.lines().limit(1).forEach(causes::add);
            each.failure.lines().filter(line -> line.startsWith("Caused by: ")).forEach(causes::add);
        }
        return causes.get(causes.size() - 1)
                .replaceFirst("^(Caused by: )?[\\w.$]+: ", "")
                .replaceFirst("^\\Q" + part(each) + "\\E: ", "");
    }
}
