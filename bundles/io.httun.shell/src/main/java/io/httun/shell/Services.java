// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.crypto.FrameCipher;
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
 * What is there right now. Commands look services up when they run and are not bound to them: Karaf would register all
 * commands anew whenever a bound service comes or goes, and a command that waits for one would never see it.
 *
 * <p>Services are not given back: DS would stop a part that nobody else uses, and its counters with it.
 */
final class Services {
    private static final String NAME = "name";

    private final BundleContext context;

    Services(BundleContext context) {
        this.context = context;
    }

    /** All services of a type, highest ranking first. */
    <T> List<T> all(Class<T> type) {
        return references(type)
                .map(context::getService)
                .filter(Objects::nonNull)
                .toList();
    }

    <T> Optional<T> first(Class<T> type) {
        return all(type).stream().findFirst();
    }

    /** The service whose property {@code name} has this value. */
    <T> Optional<T> named(Class<T> type, String name) {
        return references(type)
                .filter(reference -> name.equals(reference.getProperty(NAME)))
                .map(context::getService)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** The names of all services of a type, sorted. */
    List<String> names(Class<?> type) {
        return references(type)
                .map(reference -> reference.getProperty(NAME))
                .filter(Objects::nonNull)
                .map(Object::toString)
                .distinct()
                .sorted()
                .toList();
    }

    /** One kind of rows from every part that has something to show. */
    <R> List<R> status(Function<StatusSource, List<R>> kind) {
        return all(StatusSource.class).stream()
                .map(kind)
                .flatMap(Collection::stream)
                .toList();
    }

    /** The bundles whose symbolic names begin so. */
    Bundle[] bundles(String prefix) {
        return Stream.of(context.getBundles())
                .filter(bundle -> bundle.getSymbolicName() != null
                        && bundle.getSymbolicName().startsWith(prefix))
                .toArray(Bundle[]::new);
    }

    /** Providers of a crypto service, the one in use by default first. */
    List<CryptoProvider> providers(Class<?> type) {
        return references(type)
                .map(reference -> new CryptoProvider(
                        type.getSimpleName(), text(reference.getProperty(FrameCipher.PROVIDER)), ranking(reference)))
                .toList();
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
