// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** Configurations without a component, and files without a configuration. */
final class ConfigurationProblems implements HealthSource {
    /** Files of the distribution for features that may be absent. */
    private static final Set<String> SHIPPED = Set.of(
            "io.httun.connector.direct~direct",
            "io.httun.endpoint.cxf~default",
            "io.httun.endpoint.fcgi~default",
            "io.httun.filter.address~default",
            "io.httun.metrics",
            "io.httun.relay",
            "io.httun.runtime",
            "io.httun.server",
            "io.httun.web");

    private static final String FILE = "felix.fileinstall.filename";
    private static final String SUFFIX = ".cfg";
    /** Felix File Install checks the folder every second. */
    private static final Duration READ = Duration.ofSeconds(5);

    private final Services services;
    private final Path etc;

    ConfigurationProblems(Services services, Path etc) {
        this.services = services;
        this.etc = etc;
    }

    /**
     * The relevant facts of a configuration.
     *
     * @param base PID of the intended component
     * @param name distinguishes configurations of one component; empty if there is one only
     * @param hyphen whether the name follows a hyphen, as Felix File Install expects: after a tilde it makes another
     *     PID
     */
    private record Known(String pid, String base, String name, boolean hyphen, String source, boolean fromFile) {
        static Known of(Configuration configuration) {
            Map<String, Object> properties = properties(configuration);
            String pid = configuration.getPid();
            String[] parts = pid.split("~", 2);
            String factory = configuration.getFactoryPid();
            return new Known(
                    pid,
                    factory == null ? parts[0] : factory,
                    parts.length > 1 ? parts[1] : "",
                    factory != null || parts.length == 1,
                    properties.containsKey(FILE) ? StrictConfig.source(properties) : pid,
                    properties.containsKey(FILE));
        }

        String fileFor(KnownPid other) {
            return other.pid() + (name.isEmpty() ? "" : "-" + name) + SUFFIX;
        }
    }

    @Override
    public List<Problem> problems() {
        Optional<ConfigurationAdmin> admin = services.first(ConfigurationAdmin.class);
        Optional<ServiceComponentRuntime> runtime = services.first(ServiceComponentRuntime.class);
        if (admin.isEmpty() || runtime.isEmpty()) {
            return List.of();
        }
        List<Known> configurations = configurations(admin.get()).map(Known::of).toList();
        Set<String> taken = taken(runtime.get());
        return Stream.concat(
                        configurations.stream()
                                .filter(each -> !each.hyphen || !taken.contains(each.base))
                                .filter(each -> KnownPid.of(each.base).isPresent()
                                        || each.base.startsWith("io.httun")
                                        || each.fromFile && KnownPid.isOurs(each.base))
                                .flatMap(this::untaken),
                        files(configurations))
                .toList();
    }

    static Stream<Configuration> configurations(ConfigurationAdmin admin) {
        try {
            return Stream.ofNullable(admin.listConfigurations(null)).flatMap(Arrays::stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("a null filter is always valid", e);
        }
    }

    static Map<String, Object> properties(Configuration configuration) {
        return Optional.ofNullable(configuration.getProperties()).stream()
                .flatMap(all -> Collections.list(all.keys()).stream().map(key -> Map.entry(key, all.get(key))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Set<String> taken(ServiceComponentRuntime runtime) {
        return runtime.getComponentDescriptionDTOs().stream()
                .flatMap(description ->
                        Stream.ofNullable(description.configurationPid).flatMap(Stream::of))
                .collect(Collectors.toSet());
    }

    private Stream<Problem> untaken(Known each) {
        Optional<KnownPid> known = KnownPid.of(each.base);
        if (!each.hyphen || known.isEmpty()) {
            return Stream.of(new Problem(
                    each.source,
                    "no component uses " + (each.hyphen ? each.base : each.pid),
                    known.or(() -> KnownPid.meant(each.base))
                            .map(meant -> "rename the file to " + each.fileFor(meant))
                            .orElse("remove it, or use a name from docs/configuration.md")));
        }
        Optional<Bundle> bundle = Stream.of(services.bundles(known.get().bundle()))
                .filter(candidate ->
                        candidate.getSymbolicName().equals(known.get().bundle()))
                .findFirst();
        if (bundle.isEmpty() && SHIPPED.contains(each.pid)) {
            return Stream.of();
        }
        return Stream.of(new Problem(
                each.source,
                bundle.isEmpty()
                        ? "no component uses it: the feature " + known.get().feature() + " is not installed"
                        : "no component uses it: the bundle " + known.get().bundle() + " is not active",
                bundle.isEmpty()
                        ? "feature:install " + known.get().feature()
                        : "bundle:start " + known.get().bundle()));
    }

    /** Files of ours that cannot be read, and files that Felix File Install has refused. */
    private Stream<Problem> files(List<Known> configurations) {
        Set<String> read = configurations.stream()
                .filter(Known::fromFile)
                .map(Known::source)
                .collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(etc)) {
            return files
                    .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .filter(file -> KnownPid.isOurs(base(file.getFileName().toString())))
                    .sorted()
                    .flatMap(file -> file(file, read).stream())
                    .toList()
                    .stream();
        } catch (IOException e) {
            return Stream.of(new Problem(etc.toString(), "cannot be listed: " + e, "let this process read the folder"));
        }
    }

    private static String base(String name) {
        return name.substring(0, name.length() - SUFFIX.length()).split("[-~]", 2)[0];
    }

    private static Optional<Problem> file(Path file, Set<String> read) {
        String name = file.getFileName().toString();
        if (!Files.isReadable(file)) {
            return Optional.of(new Problem(name, "cannot be read", "let this process read the file"));
        }
        try (InputStream in = Files.newInputStream(file)) {
            new Properties().load(in);
            return read.contains(name)
                            || Files.getLastModifiedTime(file)
                                    .toInstant()
                                    .isAfter(Instant.now().minus(READ))
                    ? Optional.empty()
                    : Optional.of(new Problem(
                            name, "Felix File Install has not loaded it", "see what it logged: log:display"));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(new Problem(
                    name,
                    "is not a properties file: " + e.getMessage(),
                    "correct the file; a backslash in a value is written twice"));
        }
    }
}
