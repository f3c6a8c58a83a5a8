// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.dto.ServiceReferenceDTO;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.SatisfiedReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Components that do not run, or miss a service. */
class ComponentHealthTest extends HealthRig {
    private static ReferenceDTO optional(String name, String type) {
        ReferenceDTO reference = new ReferenceDTO();
        reference.name = name;
        reference.interfaceName = type;
        reference.cardinality = "0..1";
        return reference;
    }

    private ComponentConfigurationDTO component(ComponentDescriptionDTO description, int state) {
        ComponentConfigurationDTO component = new ComponentConfigurationDTO();
        component.description = description;
        component.properties = Map.of(
                "service.pid", description.name + "~x", "felix.fileinstall.filename", "file:/etc/" + description.name);
        component.state = state;
        component.satisfiedReferences = new SatisfiedReferenceDTO[0];
        component.unsatisfiedReferences = new UnsatisfiedReferenceDTO[0];
        components.add(component);
        return component;
    }

    private static SatisfiedReferenceDTO bound(String name, String target, ServiceReferenceDTO... services) {
        SatisfiedReferenceDTO reference = new SatisfiedReferenceDTO();
        reference.name = name;
        reference.target = target;
        reference.boundServices = services;
        return reference;
    }

    private static UnsatisfiedReferenceDTO missing(String name) {
        UnsatisfiedReferenceDTO reference = new UnsatisfiedReferenceDTO();
        reference.name = name;
        return reference;
    }

    @Test
    void aComponentThatDoesNotStartSaysTheLastCause() {
        component(described(SOCKS), ComponentConfigurationDTO.FAILED_ACTIVATION).failure =
                "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by: io.httun.api.config.ConfigException: "
                        + SOCKS + ": bind = x: must be ADDRESS:PORT\n\tat y\n";
        assertThat(problems())
                .containsExactly(
                        SOCKS + ": does not start: bind = x: must be ADDRESS:PORT -> correct the configuration");
    }

    @Test
    void aChainOfComponentsThatWaitNamesItsRoot() {
        ReferenceDTO toServer = optional("server", "io.httun.server.Service");
        toServer.cardinality = "1..1";
        ComponentConfigurationDTO channel =
                component(described("io.httun.channel.x", toServer), ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
        channel.unsatisfiedReferences = new UnsatisfiedReferenceDTO[] {missing("server")};
        component(described("io.httun.server"), ComponentConfigurationDTO.FAILED_ACTIVATION).failure =
                "io.httun.api.config.ConfigException: sessions.max = 0: must be 1 to 1000";
        assertThat(problems())
                .contains("io.httun.channel.x: does not start: waits for server of io.httun.server, which does not"
                        + " start: sessions.max = 0: must be 1 to 1000 -> correct the configuration there");
    }

    @ParameterizedTest
    @CsvSource({"connector, (name=nosuch)", "cipher, (httun.crypto.provider=nosuch)"})
    void aServiceThatARunningComponentNamesAndThatIsNotThere(String name, String target) {
        ComponentConfigurationDTO running = component(
                described(SOCKS, optional(name, name.equals("cipher") ? CIPHER : CONNECTOR)),
                ComponentConfigurationDTO.ACTIVE);
        running.satisfiedReferences = new SatisfiedReferenceDTO[] {bound(name, target)};
        assertThat(problems())
                .containsExactly(SOCKS + ": there is no " + name + " " + target + " -> correct " + name
                        + ".target, or configure and start the " + name + " that it names");
        running.satisfiedReferences = new SatisfiedReferenceDTO[] {bound(name, target, new ServiceReferenceDTO())};
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatIsNotOursOrNotWantedMayBeAbsent() {
        ComponentConfigurationDTO running = component(
                described(SOCKS, optional("events", "org.osgi.service.event.EventAdmin"), optional("tun", CONNECTOR)),
                ComponentConfigurationDTO.ACTIVE);
        running.satisfiedReferences =
                new SatisfiedReferenceDTO[] {bound("events", null), bound("tun", "(!(objectClass=*))")};
        assertThat(problems()).isEmpty();
    }
}
