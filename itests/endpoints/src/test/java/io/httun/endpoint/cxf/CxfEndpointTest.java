// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

class CxfEndpointTest {
    /** Patterns of the servlets that are registered. */
    private final List<Object> patterns = new ArrayList<>();

    private final BundleContext context = proxy(BundleContext.class, (method, arguments) -> {
        Object pattern = ((Dictionary<?, ?>) arguments[2]).get("osgi.http.whiteboard.servlet.pattern");
        patterns.add(pattern);
        return proxy(ServiceRegistration.class, (unregister, none) -> patterns.remove(pattern));
    });

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object value = answer.to(method.getName(), arguments);
                    return method.getReturnType() == void.class ? null : value;
                }));
    }

    @Test
    void aWrongUpdateIsAProblemAndThePublishedPathStays() {
        CxfEndpoint endpoint = new CxfEndpoint(context, Map.of("name", "web", "path", "/a"));
        assertThat(patterns).containsExactly("/a/*");
        endpoint.modified(Map.of("name", "web", "path", "b"));
        assertThat(patterns).containsExactly("/a/*");
        assertThat(endpoint.endpoints()).extracting(EndpointStatus::address).containsExactly("/a");
        assertThat(endpoint.problems())
                .extracting(Problem::what)
                .singleElement()
                .asString()
                .contains("path = b");
        endpoint.modified(Map.of("name", "web", "path", "/c"));
        assertThat(patterns).containsExactly("/c/*");
        assertThat(endpoint.endpoints()).extracting(EndpointStatus::address).containsExactly("/c");
        assertThat(endpoint.problems()).isEmpty();
        endpoint.deactivate();
        assertThat(patterns).isEmpty();
    }
}
