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
import org.osgi.framework.Version;

/** A service registry as a list behind a bundle context. */
public final class FakeServices {
    private record Service(String type, Object object, Map<String, ?> properties) {}

    private final List<Service> services = new CopyOnWriteArrayList<>();

    private final List<Bundle> bundles = new CopyOnWriteArrayList<>();

    public <T> FakeServices add(Class<T> type, T service, Map<String, ?> properties) {
        services.add(new Service(type.getName(), service, properties));
        return this;
    }

    /** A service whose type this bundle does not know. */
    public void add(String type, Map<String, ?> properties) {
        services.add(new Service(type, new Object(), properties));
    }

    public void remove(Class<?> type) {
        services.removeIf(service -> service.type().equals(type.getName()));
    }

    public void bundle(String name, int state) {
        bundles.add(proxy(Bundle.class, (method, args) -> switch (method) {
            case "getState" -> state;
            case "getVersion" -> Version.emptyVersion;
            default -> name;
        }));
    }

    public <T> FakeServices add(Class<T> type, T service) {
        return add(type, service, Map.of());
    }

    public BundleContext context() {
        return proxy(BundleContext.class, (name, args) -> switch (name) {
            case "getServiceReferences" -> {
                boolean typed = args[0] instanceof Class<?>;
                String type = typed ? ((Class<?>) args[0]).getName() : args[0].toString();
                List<ServiceReference<?>> found = new ArrayList<>();
                services.stream().filter(s -> s.type().equals(type)).forEach(s -> found.add(reference(s)));
                yield typed ? found : found.toArray(ServiceReference<?>[]::new);
            }
            case "getBundles" -> bundles.toArray(Bundle[]::new);
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

    public interface Answer {
        Object to(String method, Object[] args);
    }

    public static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> answer.to(method.getName(), args)));
    }
}
