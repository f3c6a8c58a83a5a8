// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.StatusSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * What is there right now. Who shows the status of everything looks services up when it is asked and is not bound to them: Karaf would
 * register all commands anew whenever a bound service comes or goes, and a command that waits for one would never see it.
 *
 * <p>Services are not given back: DS would stop a part that nobody else uses, and its counters with it.
 */
public final class Services {
    private static final String NAME = "name";

    private final BundleContext context;

    public Services(BundleContext context) {
        this.context = context;
    }

    /** All services of a type, highest ranking first. */
    public <T> List<T> all(Class<T> type) {
        return references(type)
                .map(context::getService)
                .filter(Objects::nonNull)
                .toList();
    }

    public <T> Optional<T> first(Class<T> type) {
        return all(type).stream().findFirst();
    }

    /** The service whose property {@code name} has this value. */
    public <T> Optional<T> named(Class<T> type, String name) {
        return references(type)
                .filter(reference -> name.equals(reference.getProperty(NAME)))
                .map(context::getService)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** The names of all services of a type, sorted. */
    public List<String> names(Class<?> type) {
        return references(type)
                .map(reference -> reference.getProperty(NAME))
                .filter(Objects::nonNull)
                .map(Object::toString)
                .distinct()
                .sorted()
                .toList();
    }

    /** One kind of rows from every part that has something to show. */
    public <R> List<R> status(Function<StatusSource, List<R>> kind) {
        return StatusSnapshot.rows(all(StatusSource.class), kind);
    }

    /** The whole model. {@link Json#write} makes the JSON of it. */
    public StatusSnapshot snapshot() {
        return StatusSnapshot.of(all(StatusSource.class));
    }

    /** The bundles whose symbolic names begin so. */
    public Bundle[] bundles(String prefix) {
        return Stream.of(context.getBundles())
                .filter(bundle -> bundle.getSymbolicName() != null
                        && bundle.getSymbolicName().startsWith(prefix))
                .toArray(Bundle[]::new);
    }

    /** The values of a property of all services of a type, which need not be visible to this bundle. */
    public List<String> values(String type, String property) {
        try {
            ServiceReference<?>[] found = context.getServiceReferences(type, null);
            return found == null
                    ? List.of()
                    : Stream.of(found)
                            .map(reference -> reference.getProperty(property))
                            .flatMap(Services::elements)
                            .map(Object::toString)
                            .toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter was given", e);
        }
    }

    /** Providers of a crypto service, the one in use by default first. */
    public List<CryptoProvider> providers(Class<?> type) {
        return references(type)
                .map(reference -> new CryptoProvider(
                        type.getSimpleName(), text(reference.getProperty(FrameCipher.PROVIDER)), ranking(reference)))
                .toList();
    }

    private static Stream<?> elements(Object value) {
        if (value instanceof Object[] array) {
            return Stream.of(array);
        }
        return value instanceof Collection<?> collection ? collection.stream() : Stream.ofNullable(value);
    }

    private <T> Stream<ServiceReference<T>> references(Class<T> type) {
        try {
            return context.getServiceReferences(type, null).stream().sorted(Comparator.reverseOrder());
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter was given", e);
        }
    }

    private static int ranking(ServiceReference<?> reference) {
        return reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0;
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
