// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** A service registry that is just a list, as a bundle context shows it. */
final class FakeServices {
    private record Service(Class<?> type, Object object, Map<String, ?> properties) {}

    private final List<Service> services = new CopyOnWriteArrayList<>();

    <T> FakeServices add(Class<T> type, T service, Map<String, ?> properties) {
        services.add(new Service(type, service, properties));
        return this;
    }

    <T> FakeServices add(Class<T> type, T service) {
        return add(type, service, Map.of());
    }

    BundleContext context() {
        return proxy(BundleContext.class, (name, args) -> switch (name) {
            case "getServiceReferences" -> {
                List<ServiceReference<?>> found = new ArrayList<>();
                services.stream().filter(s -> s.type() == args[0]).forEach(s -> found.add(reference(s)));
                yield found;
            }
            case "getBundles" -> new Bundle[0];
            case "getService" -> ((ServiceReference<?>) args[0]).getProperty("the.object");
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private static ServiceReference<?> reference(Service service) {
        return proxy(ServiceReference.class, (name, args) -> switch (name) {
            case "getProperty" ->
                args[0].equals("the.object")
                        ? service.object()
                        : service.properties().get(args[0]);
            case "compareTo" ->
                Comparator.<ServiceReference<?>>comparingInt(FakeServices::ranking)
                        .compare(reference(service), (ServiceReference<?>) args[0]);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private static int ranking(ServiceReference<?> reference) {
        return reference.getProperty("service.ranking") instanceof Integer ranking ? ranking : 0;
    }

    interface Answer {
        Object to(String method, Object[] args);
    }

    static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> answer.to(method.getName(), args)));
    }
}
