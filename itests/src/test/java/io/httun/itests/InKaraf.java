// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.karaf.features.BootFinished;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/**
 * What a test inside Karaf has at hand. Every method of such a test runs in the tested Karaf's own JVM; none mentions a
 * type of ours, so that a Karaf without any of our bundles can load the class.
 */
public abstract class InKaraf {
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** Starts what {@link #shell} returns for a command that failed. */
    static final String FAILED = "command failed: ";

    @Inject
    protected BundleContext context;

    @Inject
    protected FeaturesService features;

    @Inject
    protected SessionFactory sessions;

    @Inject
    protected BootFinished booted;

    /** What a command of the Karaf console prints; for commands that fail, the message. */
    protected String shell(String command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (Session session = sessions.create(new ByteArrayInputStream(new byte[0]), print, print)) {
            Object result = session.execute(command);
            if (result != null) {
                print.println(result);
            }
        } catch (Exception e) {
            print.println(FAILED + e.getMessage());
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    protected Bundle bundle(String name) {
        return bundles()
                .filter(bundle -> bundle.getSymbolicName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not installed"));
    }

    private Stream<Bundle> bundles() {
        return Arrays.stream(context.getBundles()).filter(bundle -> bundle.getSymbolicName() != null);
    }

    protected List<String> ourBundles() {
        return bundles()
                .map(Bundle::getSymbolicName)
                .filter(name -> name.startsWith("io.httun."))
                .sorted()
                .toList();
    }

    /** Waits until every bundle runs; fragments need only be resolved. */
    protected void awaitAllActive() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(bundles()
                        .filter(bundle -> bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null)
                        .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                        .filter(bundle -> bundle.getState() != Bundle.STARTING
                                || bundle.getHeaders().get(Constants.BUNDLE_ACTIVATIONPOLICY) == null))
                .isEmpty());
    }

    /** Our components that wait for something or whose constructor failed, each with the reason. */
    protected List<String> unsatisfied() {
        ServiceComponentRuntime runtime = service(ServiceComponentRuntime.class);
        return runtime.getComponentDescriptionDTOs().stream()
                .filter(component -> component.bundle.symbolicName.startsWith("io.httun."))
                .flatMap(component -> trouble(runtime, component))
                .toList();
    }

    private static Stream<String> trouble(ServiceComponentRuntime runtime, ComponentDescriptionDTO component) {
        return runtime.getComponentConfigurationDTOs(component).stream()
                .filter(configuration ->
                        (configuration.state & (ComponentConfigurationDTO.SATISFIED | ComponentConfigurationDTO.ACTIVE))
                                == 0)
                .map(configuration -> component.name + " is in state " + configuration.state + ", waits for "
                        + Arrays.stream(configuration.unsatisfiedReferences)
                                .map(reference -> reference.name + " " + reference.target)
                                .toList()
                        + " " + configuration.failure);
    }

    protected <T> T service(Class<T> type) {
        return await("service " + type.getName())
                .atMost(LIMIT)
                .until(() -> services(type), list -> !list.isEmpty())
                .get(0);
    }

    protected <T> List<T> services(Class<T> type) {
        try {
            return context.getServiceReferences(type, null).stream()
                    .sorted((left, right) -> right.compareTo(left))
                    .map(this::get)
                    .toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T get(ServiceReference<T> reference) {
        return context.getService(reference);
    }

    protected void install(String feature) throws Exception {
        features.installFeatures(Set.of(feature), EnumSet.noneOf(FeaturesService.Option.class));
        awaitAllActive();
    }

    /** A file of the tested Karaf, for example {@code etc/users.properties}. */
    protected static Path file(String name) {
        return Path.of(System.getProperty("karaf.base"), name);
    }

    protected static String log() {
        try {
            return Files.readString(file("data/log/karaf.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected void stop(String bundle) {
        try {
            bundle(bundle).stop();
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }

    protected void start(String bundle) {
        try {
            bundle(bundle).start();
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }
}
