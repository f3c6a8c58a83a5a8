// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.shell.HealthCommand.Problem;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** What Declarative Services knows of components of ours that are configured and do not run. */
final class Components {
    private static final String OURS = "io.httun.";

    private final Services services;

    Components(Services services) {
        this.services = services;
    }

    List<Problem> problems() {
        return services.first(ServiceComponentRuntime.class).stream()
                .flatMap(runtime -> runtime.getComponentDescriptionDTOs(services.bundles(OURS)).stream()
                        .flatMap(description -> problems(runtime, description)))
                .toList();
    }

    private static Stream<Problem> problems(ServiceComponentRuntime runtime, ComponentDescriptionDTO description) {
        return runtime.getComponentConfigurationDTOs(description).stream()
                .filter(configured -> configured.state == ComponentConfigurationDTO.FAILED_ACTIVATION
                        || configured.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE)
                .map(configured -> new Problem("component", name(configured), why(configured)));
    }

    private static String name(ComponentConfigurationDTO configured) {
        Object pid = configured.properties.get("service.pid");
        return Objects.toString(pid, configured.description.name);
    }

    private static String why(ComponentConfigurationDTO configured) {
        if (configured.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
            return Stream.of(configured.unsatisfiedReferences)
                    .map(missing -> "waits for " + missing.name + (missing.target == null ? "" : " " + missing.target))
                    .collect(Collectors.joining(", "));
        }
        // A stack trace: the last cause says what is wrong, in its first line.
        String cause = configured.failure == null
                ? ""
                : configured
                        .failure
                        .lines()
                        .filter(line -> line.startsWith("Caused by: "))
                        .reduce(configured.failure.lines().findFirst().orElse(""), (before, line) -> line);
        return "does not start: " + cause.replaceFirst("^(Caused by: )?[\\w.$]+: ", "");
    }
}
