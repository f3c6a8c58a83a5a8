// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import java.lang.reflect.Proxy;
import org.osgi.framework.ServiceReference;

/** A reference to a health check, as far as Felix reads it. */
final class FelixReference {
    private FelixReference() {}

    static ServiceReference<?> named(String name) {
        return ServiceReference.class.cast(Proxy.newProxyInstance(
                FelixReference.class.getClassLoader(),
                new Class<?>[] {ServiceReference.class},
                (self, method, args) -> switch (method.getName()) {
                    case "getProperty" -> args[0].equals("hc.name") ? name : args[0].equals("service.id") ? 1L : null;
                    default -> null;
                }));
    }
}
