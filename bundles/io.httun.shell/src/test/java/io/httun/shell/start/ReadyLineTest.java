// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.FakeServices;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadyLineTest {
    private final FakeServices services = new FakeServices();

    private String text(Problem... problems) {
        return new ReadyLine("server", new Services(services.context()), "127.0.0.1:8101", "karaf.log")
                .text(List.of(problems));
    }

    @Test
    void saysInOneLineWhereTheProcessIsReached() {
        services.add(
                "org.osgi.service.http.runtime.HttpServiceRuntime",
                Map.of("osgi.http.endpoint", List.of("http://127.0.0.1:8181/")));
        services.add(StatusSource.class, new StatusSource() {
            @Override
            public List<EndpointStatus> endpoints() {
                return List.of(
                        new EndpointStatus("default", "cxf", "/httun", "open", 0, 0),
                        new EndpointStatus("web", "netty", "tls:0.0.0.0:443", "open", 0, 0),
                        new EndpointStatus("sock", "netty", "unix:/run/httun.sock", "open", 0, 0),
                        new EndpointStatus("other", "netty", "0.0.0.0:80", "not listening: taken", 0, 0));
            }

            @Override
            public List<ListenerStatus> listeners() {
                return List.of(
                        new ListenerStatus("s", "socks", "127.0.0.1:1080", "listening", 0, 0, 0),
                        new ListenerStatus("c", "connect", "[::1]:8118", "listening", 0, 0, 0));
            }
        });
        assertThat(text())
                .isEqualTo("httun server is ready: http://127.0.0.1:8181/httun, https://0.0.0.0:443,"
                        + " unix:/run/httun.sock, socks5h://127.0.0.1:1080, http://[::1]:8118; console: httun shell"
                        + " (127.0.0.1:8101); log: karaf.log");
    }

    @Test
    void saysWhatIsWrongAndWhatToDo() {
        assertThat(text(new Problem("a.cfg", "bind = x", "correct it")))
                .isEqualTo("httun server has 1 problem: no address is configured; console: httun shell"
                        + " (127.0.0.1:8101); log: karaf.log\n  a.cfg: bind = x\n    remedy: correct it");
    }
}
