// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestPathTest {
    private static Map<String, String> params(String script, String info, String uri) {
        return Map.of("SCRIPT_NAME", script, "PATH_INFO", info, "REQUEST_URI", uri);
    }

    @Test
    void findsThePathInWhatEachWebServerSends() {
        String uri = "/httun/7/r/01?m=x";
        assertThat(RequestPath.of(params("/httun", "/7/r/01", uri), "/httun"))
                .as("lighttpd, nginx that splits")
                .isEqualTo("/7/r/01");
        assertThat(RequestPath.of(params("/httun/7/r/01", "", uri), "/httun"))
                .as("Apache, nginx that does not")
                .isEqualTo("/7/r/01");
        assertThat(RequestPath.of(Map.of("REQUEST_URI", uri), "/httun"))
                .as("who sends neither")
                .isEqualTo("/7/r/01");
        assertThat(RequestPath.of(params("", "/httun/7/r/01", uri), "/httun"))
                .as("who takes the whole server for the script's")
                .isEqualTo("/7/r/01");
        assertThat(RequestPath.of(params("/elsewhere", "/7/r/01", "/elsewhere/7/r/01"), "/httun"))
                .as("mounted elsewhere by the web server")
                .isEqualTo("/7/r/01");
        assertThat(RequestPath.of(params("/7/r/01", "", "/7/r/01"), "")).isEqualTo("/7/r/01");
    }

    @Test
    void whatIsNotBelowTheBaseIsNone() {
        assertThat(RequestPath.of(params("/other/7/r/01", "", "/other/7/r/01"), "/httun"))
                .isNull();
        assertThat(RequestPath.of(params("/httunnel/7/r/01", "", ""), "/httun")).isNull();
        assertThat(RequestPath.of(Map.of(), "/httun")).isNull();
    }

    @Test
    void findsTheQuery() {
        assertThat(RequestPath.query(Map.of("QUERY_STRING", "m=x", "REQUEST_URI", "/a?m=y")))
                .isEqualTo("m=x");
        assertThat(RequestPath.query(Map.of("REQUEST_URI", "/a?m=y"))).isEqualTo("m=y");
        assertThat(RequestPath.query(Map.of("REQUEST_URI", "/a"))).isEmpty();
        assertThat(RequestPath.query(Map.of())).isEmpty();
    }
}
