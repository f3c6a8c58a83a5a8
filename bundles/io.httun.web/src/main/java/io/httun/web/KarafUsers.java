// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.toolkit.status.Services;
import java.security.Principal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.apache.karaf.jaas.config.JaasRealm;
import org.apache.karaf.jaas.modules.BackingEngine;
import org.apache.karaf.jaas.modules.BackingEngineFactory;

/** The users that a realm of Karaf lists without their passwords, as that of its files does. */
final class KarafUsers implements PageRights.Directory {
    /** Name of the login module behind Karaf's proxy of it. */
    private static final String MODULE = "org.apache.karaf.jaas.module";

    private final Services services;

    KarafUsers(Services services) {
        this.services = services;
    }

    @Override
    public Optional<Set<String>> roles(String realm, String user) {
        Set<Set<String>> found = services.all(JaasRealm.class).stream()
                .filter(one -> one.getName().equals(realm))
                .max(Comparator.comparingInt(JaasRealm::getRank))
                .stream()
                .flatMap(one -> Arrays.stream(one.getEntries()))
                .flatMap(this::engines)
                .flatMap(engine -> roles(engine, user).stream())
                .collect(Collectors.toSet());
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(found.stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet()));
    }

    private Stream<BackingEngine> engines(AppConfigurationEntry entry) {
        return services.all(BackingEngineFactory.class).stream()
                .filter(factory ->
                        factory.getModuleClass().equals(entry.getOptions().get(MODULE)))
                .map(factory -> factory.build(entry.getOptions()))
                .filter(Objects::nonNull);
    }

    private static Optional<Set<String>> roles(BackingEngine engine, String user) {
        UserPrincipal principal = engine.lookupUser(user);
        return Optional.ofNullable(principal).map(known -> engine.listRoles(known).stream()
                .map(Principal::getName)
                .collect(Collectors.toUnmodifiableSet()));
    }
}
