// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.status.LivePage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageCommandTest {
    private static final LivePage PAGE = new LivePage() {
        @Override
        public String path() {
            return "/httun-page";
        }

        @Override
        public String invitation() {
            return "/httun-page/#token";
        }
    };

    private static FakeServices web(String endpoint) {
        FakeServices services = new FakeServices();
        services.add(
                "org.osgi.service.http.runtime.HttpServiceRuntime",
                Map.of("osgi.http.endpoint", new String[] {endpoint}));
        return services;
    }

    @Test
    void printsALinkThatABrowserOnThisMachineCanOpen() throws Exception {
        assertThat(Run.command(new PageCommand(), web("http://0.0.0.0:8181/").add(LivePage.class, PAGE))
                        .strip())
                .isEqualTo("http://127.0.0.1:8181/httun-page/#token");
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> Run.command(new PageCommand(), web("http://127.0.0.1:8181/")))
                .hasMessageContaining("feature:install httun-web");
        assertThatThrownBy(() -> Run.command(new PageCommand(), new FakeServices().add(LivePage.class, PAGE)))
                .hasMessageContaining("web server does not listen");
    }
}
