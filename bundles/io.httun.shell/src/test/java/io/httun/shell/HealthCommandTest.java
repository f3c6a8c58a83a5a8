// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.StatusSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.console.Session;
import org.junit.jupiter.api.Test;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

class HealthCommandTest {
    private final FakeServices services = new FakeServices();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private void crypto() {
        for (Class<?> type : List.of(FrameCipher.class, KeyAgreement.class)) {
            add(type);
        }
    }

    private <T> void add(Class<T> type) {
        services.add(type, FakeServices.proxy(type, (method, arguments) -> null));
    }

    private String run() throws Exception {
        HealthCommand command = new HealthCommand();
        command.session = FakeServices.proxy(Session.class, (method, arguments) -> new PrintStream(printed, true));
        return Run.command(command, services, printed);
    }

    private static final class Parts implements StatusSource {
        private final String endpoint;
        private final String listener;
        private final String tun;

        Parts(String endpoint, String listener, String tun) {
            this.endpoint = endpoint;
            this.listener = listener;
            this.tun = tun;
        }

        @Override
        public List<EndpointStatus> endpoints() {
            return List.of(new EndpointStatus("web", "netty", "0.0.0.0:443", endpoint, 0, 0));
        }

        @Override
        public List<ListenerStatus> listeners() {
            return List.of(new ListenerStatus("socks", "socks", "127.0.0.1:1080", listener, 0, 0, 0));
        }

        @Override
        public List<TunStatus> tuns() {
            return List.of(new TunStatus("office", "httun-c-0", "up", 1400, "", "", 0, 0, 0, 0, "", tun));
        }
    }

    @Test
    void allIsWell() throws Exception {
        crypto();
        services.add(StatusSource.class, new Parts("open", "listening", ""));
        assertThat(run()).contains("Everything is as it is configured to be.");
    }

    @Test
    void namesWhatIsNotAndFails() {
        crypto();
        services.add(
                StatusSource.class,
                new Parts("not listening: the port is taken", "listening", "no permission: run with CAP_NET_ADMIN"));
        assertThatThrownBy(this::run).hasMessage("2 problems");
        assertThat(printed.toString())
                .contains("web", "0.0.0.0:443: not listening: the port is taken")
                .contains("office", "no permission: run with CAP_NET_ADMIN")
                .doesNotContain("socks");
    }

    @Test
    void missesCrypto() {
        assertThatThrownBy(this::run).hasMessage("2 problems");
        assertThat(printed.toString()).contains("FrameCipher", "KeyAgreement", "start a bundle io.httun.crypto");
    }

    @Test
    void saysWhyAComponentDoesNotRun() {
        crypto();
        ComponentConfigurationDTO failed =
                configured("io.httun.channel~home", ComponentConfigurationDTO.FAILED_ACTIVATION);
        failed.failure = "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by:"
                + " io.httun.api.config.ConfigException: io.httun.channel~home: id = 40000: must be 0 to 32767\n\tat y\n";
        ComponentConfigurationDTO waiting =
                configured("io.httun.listener.socks~home", ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
        UnsatisfiedReferenceDTO missing = new UnsatisfiedReferenceDTO();
        missing.name = "connector";
        missing.target = "(name=home)";
        waiting.unsatisfiedReferences = new UnsatisfiedReferenceDTO[] {missing};
        services.add(
                ServiceComponentRuntime.class,
                FakeServices.proxy(
                        ServiceComponentRuntime.class,
                        (method, arguments) -> method.equals("getComponentDescriptionDTOs")
                                ? List.of(new ComponentDescriptionDTO())
                                : List.of(failed, waiting)));
        assertThatThrownBy(this::run).hasMessage("2 problems");
        assertThat(printed.toString())
                .contains(
                        "io.httun.channel~home",
                        "does not start: io.httun.channel~home: id = 40000: must be 0 to 32767")
                .contains("io.httun.listener.socks~home", "waits for connector (name=home)");
    }

    private static ComponentConfigurationDTO configured(String pid, int state) {
        ComponentConfigurationDTO configured = new ComponentConfigurationDTO();
        configured.properties = Map.of("service.pid", pid);
        configured.description = new ComponentDescriptionDTO();
        configured.state = state;
        return configured;
    }
}
